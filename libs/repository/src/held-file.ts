import { randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/** A file that says "in use" to other processes for as long as its holder lives and touches it. */
export type HeldFile = { release(): Promise<void> }

const beatMs = 5_000
/** A holder that has not touched its file for this long is taken for dead, also on another host of a shared volume. */
const staleMs = 30_000

/** @returns undefined when a living process holds `path` already */
export async function tryHoldFile(path: string): Promise<HeldFile | undefined> {
  await mkdir(dirname(path), { recursive: true })
  const text = `${hostname()}\n${process.pid}\n`
  try {
    await writeFile(path, text, { flag: 'wx' })
  } catch (cause) {
    if (!isCode(cause, 'EEXIST')) throw cause
    if (await isHeld(path)) return undefined
    await rm(path, { force: true })
    return tryHoldFile(path)
  }
  const beat = setInterval(() => {
    const now = new Date()
    // Somebody took the file for stale and removed it: nothing to keep alive any more.
    utimes(path, now, now).catch(() => clearInterval(beat))
  }, beatMs)
  beat.unref()
  return {
    async release() {
      clearInterval(beat)
      await rm(path, { force: true })
    },
  }
}

/** Waits for `path` as long as its holder lives. Throws the signal's reason when aborted. */
export async function holdFile(path: string, signal?: AbortSignal): Promise<HeldFile> {
  for (;;) {
    signal?.throwIfAborted()
    const held = await tryHoldFile(path)
    if (held) return held
    await delay(50 + Math.random() * 50)
  }
}

/** A file of one's own in `folder`, which any number of holders share. */
export async function holdInFolder(folder: string): Promise<HeldFile> {
  const held = await tryHoldFile(join(folder, randomUUID()))
  if (!held) throw new Error(`a random name was taken in ${folder}`)
  return held
}

/** Whether anybody alive holds a file in `folder`; the files of the dead are cleared away. */
export async function isFolderHeld(folder: string): Promise<boolean> {
  let held = false
  for (const name of await namesIn(folder)) {
    const path = join(folder, name)
    if (await isHeld(path)) held = true
    else await rm(path, { force: true })
  }
  return held
}

export async function isHeld(path: string): Promise<boolean> {
  try {
    const { mtimeMs } = await stat(path)
    if (Date.now() - mtimeMs > staleMs) return false
    const [host, pid] = (await readFile(path, 'utf8')).split('\n')
    return host !== hostname() || !pid || isAlive(Number(pid))
  } catch (cause) {
    if (isCode(cause, 'ENOENT')) return false
    throw cause
  }
}

/** Names in a folder that may not exist (yet). */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (cause) {
    if (isCode(cause, 'ENOENT')) return []
    throw cause
  }
}

export function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (cause) {
    return !isCode(cause, 'ESRCH')
  }
}
