import { existsSync, readdirSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hasDebianPackages, unpackDebianPackages } from '../debian-packages.ts'
import { cacheFolder } from '../server-process.ts'

/** Clocks of single processes, wrong by as much as one likes. */
export type Clocks = {
  /** For the environment of the process whose clock bears this name. */
  env(name: string): Promise<Record<string, string>>
  /** Its clock jumps to so many seconds from the right time, within a second. */
  set(name: string, seconds: number): Promise<void>
}

/**
 * libfaketime reads how wrong it is to be from a file. Only what time it is changes: how long something takes (the
 * monotonic clock, by which timers run) and the times of files stay true, as with a clock that somebody set by hand.
 * @throws one sentence when libfaketime is not to be had
 */
export async function openClocks(folder: string): Promise<Clocks> {
  const library = await faketimeLibrary(join(cacheFolder, 'libfaketime'))
  const set = (name: string, seconds: number) =>
    writeFile(join(folder, name), `${seconds < 0 ? '-' : '+'}${Math.abs(seconds)}`)
  return {
    set,
    async env(name) {
      await set(name, 0)
      return {
        LD_PRELOAD: library,
        FAKETIME_TIMESTAMP_FILE: join(folder, name),
        FAKETIME_CACHE_DURATION: '1',
        FAKETIME_DONT_FAKE_MONOTONIC: '1',
        NO_FAKE_STAT: '1',
      }
    },
  }
}

async function faketimeLibrary(folder: string): Promise<string> {
  const found = () => libraryIn('/') ?? libraryIn(folder)
  if (!found()) {
    if (!hasDebianPackages()) throw new Error('libfaketime is not here, and neither are Debian’s packages')
    try {
      await unpackDebianPackages({ folder, packages: ['libfaketime'], isComplete: () => found() !== undefined })
    } catch (cause) {
      throw new Error('libfaketime is not here, and could not be fetched from Debian', { cause })
    }
  }
  const library = found()
  if (library === undefined) throw new Error('libfaketime’s package has no library where one is expected')
  return library
}

function libraryIn(root: string): string | undefined {
  const folders = join(root, 'usr/lib')
  if (!existsSync(folders)) return undefined
  const candidates = readdirSync(folders).map(name => join(folders, name, 'faketime/libfaketimeMT.so.1'))
  return candidates.find(path => existsSync(path))
}
