import { readFileSync, renameSync } from 'node:fs'

/** Told where a process stands, such as `open-draft-pr/2:after-act`; may not return. */
export type CrashPoint = (place: string) => void

/**
 * For trials of recovery: the process that comes to the place the file names dies there, as by kill -9. A name without
 * variant fits every variant. The file is renamed first, so that of many processes one dies.
 * @returns undefined without a file: then nothing is looked at
 */
export function crashPoint(file: string | undefined): CrashPoint | undefined {
  if (file === undefined) return undefined
  return place => {
    const wanted = wantedPlace(file)
    if (wanted !== place && wanted !== place.replace(/\/\d+/, '')) return
    try {
      renameSync(file, `${file}.reached`)
    } catch {
      // Another process came here at the same moment, and dies for it.
      return
    }
    process.kill(process.pid, 'SIGKILL')
  }
}

function wantedPlace(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    return undefined
  }
}
