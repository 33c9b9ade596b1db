import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { findOnPath } from '../server-process.ts'

const run = promisify(execFile)

/** Put before a command: a write beyond the limit fails, as on a full disk, where it would end the process otherwise. */
export const sparesFullDisk = ['sh', '-c', `trap '' XFSZ; exec "$@"`, 'sh']

/** Why no disk can be full here; undefined if one can. */
export function noFullDisk(): string | undefined {
  return findOnPath('prlimit') ? undefined : 'prlimit of util-linux is not here'
}

/**
 * From now on no file of these processes grows beyond `bytes`: each further write fails with EFBIG, which servers take
 * as they take ENOSPC. `undefined` lifts the limit. Who is gone meanwhile is left out.
 */
export async function limitFiles(pids: readonly number[], bytes: number | undefined): Promise<void> {
  for (const pid of pids) {
    // The soft limit alone: what was lowered may be raised again without being root.
    await run('prlimit', ['--pid', String(pid), `--fsize=${bytes ?? 'unlimited'}:`]).catch(() => {})
  }
}

/** A process and those it started, by /proc. */
export async function withChildren(pid: number): Promise<number[]> {
  const all = (await readdir('/proc')).map(Number).filter(one => Number.isInteger(one))
  const parents = await Promise.all(all.map(async one => [one, await parentOf(one)] as const))
  return [pid, ...parents.filter(([, parent]) => parent === pid).map(([one]) => one)]
}

async function parentOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  // The name in parentheses may hold spaces.
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? 0)
}
