export function processStart(pid: number): string | undefined
export function withProcessLock<T>(path: string, work: () => T | Promise<T>, onWait?: (pid: number) => void): Promise<T>
