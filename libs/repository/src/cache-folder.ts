import { randomUUID } from 'node:crypto'
import { mkdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type HeldFile, holdInFolder, isCode, isFolderHeld, isHeld, namesIn, tryHoldFile } from './held-file.ts'

/** Where things lie. Marks lie beside the repositories, not in them, so that removing a repository races with nothing. */
export function cachePaths(dir: string) {
  return {
    repositories: join(dir, 'repositories'),
    repository: (key: string) => join(dir, 'repositories', key),
    readers: (key: string) => join(dir, 'readers', key),
    leaving: (key: string) => join(dir, 'leaving', key),
    fetching: (key: string) => join(dir, 'fetching', key),
    used: (key: string) => join(dir, 'used', key),
    trash: join(dir, 'trash'),
    trimming: join(dir, 'trimming'),
  }
}

export type CachePaths = ReturnType<typeof cachePaths>

/**
 * While held, no process removes the repository. The reader puts up its mark and then looks for a remover's;
 * the remover puts up its own and then looks for readers': whoever comes second sees the other.
 */
export async function holdRepository(paths: CachePaths, key: string, signal?: AbortSignal): Promise<HeldFile> {
  for (;;) {
    signal?.throwIfAborted()
    const held = await holdInFolder(paths.readers(key))
    if (!(await isHeld(paths.leaving(key)))) return held
    await held.release()
    await delay(20)
  }
}

/** For "least recently used": a repository is as old as the last time somebody asked for it. */
export async function markUsed(paths: CachePaths, key: string): Promise<void> {
  const now = new Date()
  try {
    await utimes(paths.used(key), now, now)
  } catch (cause) {
    if (!isCode(cause, 'ENOENT')) throw cause
    await mkdir(join(paths.used(key), '..'), { recursive: true })
    await writeFile(paths.used(key), '')
  }
}

/**
 * Removes the least recently used repositories until the rest fits `maxBytes`; those in use stay, whatever their size.
 * A repository of more than 500 packs is slow and goes first: a fresh copy is cheaper than repacking under readers.
 * @returns the keys removed; nothing when another process is at it
 */
export async function trimCache(paths: CachePaths, maxBytes: number): Promise<string[]> {
  const turn = await tryHoldFile(paths.trimming)
  if (!turn) return []
  try {
    await rm(paths.trash, { recursive: true, force: true })
    const kept = await measured(paths)
    let total = kept.reduce((sum, { bytes }) => sum + bytes, 0)
    const removed: string[] = []
    for (const { key, bytes, packs } of kept) {
      if (total <= maxBytes && packs <= 500) continue
      if (!(await removeUnused(paths, key))) continue
      total -= bytes
      removed.push(key)
    }
    return removed
  } finally {
    await turn.release()
  }
}

async function removeUnused(paths: CachePaths, key: string): Promise<boolean> {
  const leaving = await tryHoldFile(paths.leaving(key))
  if (!leaving) return false
  const grave = join(paths.trash, randomUUID())
  try {
    if (await isFolderHeld(paths.readers(key))) return false
    await mkdir(paths.trash, { recursive: true })
    await rename(paths.repository(key), grave)
  } finally {
    await leaving.release()
  }
  await rm(grave, { recursive: true, force: true })
  return true
}

const abandonedMs = 3_600_000

/** Oldest use first. Clears away what killed processes left half made. */
async function measured(paths: CachePaths): Promise<{ key: string; bytes: number; packs: number; usedMs: number }[]> {
  const found = []
  for (const key of await namesIn(paths.repositories)) {
    const folder = paths.repository(key)
    const packFolder = join(folder, 'objects', 'pack')
    let bytes = 0
    const names = await namesIn(packFolder)
    for (const name of names) {
      const file = await stat(join(packFolder, name)).catch(() => undefined)
      const abandoned = name.startsWith('tmp_') && file && Date.now() - file.mtimeMs > abandonedMs
      if (abandoned) await rm(join(packFolder, name), { force: true })
      else bytes += file?.size ?? 0
    }
    const used = await stat(paths.used(key)).catch(() => stat(folder).catch(() => undefined))
    const halfMade = key.startsWith('.') && used && Date.now() - used.mtimeMs > abandonedMs
    if (halfMade) await rm(folder, { recursive: true, force: true })
    if (key.startsWith('.')) continue
    found.push({ key, bytes, packs: names.filter(name => name.endsWith('.pack')).length, usedMs: used?.mtimeMs ?? 0 })
  }
  return found.sort((a, b) => a.usedMs - b.usedMs)
}
