import { renameSync } from 'node:fs'
import { join } from 'node:path'

/** Told where a process stands, such as `open-draft-pr@2:after-act`; may not return. */
export type CrashPoint = (place: string) => void

/**
 * For trials of recovery: a process that comes to a place after which a file in `folder` is named dies there, as by
 * kill -9. A name without variant fits every variant. The file is renamed first, so that of many processes one dies.
 * @returns undefined without a folder: then nothing is looked at
 */
export function crashPoint(folder: string | undefined): CrashPoint | undefined {
  if (folder === undefined) return undefined
  return place => {
    if (isTaken(folder, place) || isTaken(folder, place.replace(/@\d+/, ''))) process.kill(process.pid, 'SIGKILL')
  }
}

function isTaken(folder: string, place: string): boolean {
  try {
    renameSync(join(folder, place), join(folder, `${place}.reached`))
    return true
  } catch {
    // There is no such file, or another process came here at the same moment and dies for it.
    return false
  }
}
