// Plain JavaScript for Node 20: runs before anything is installed.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))
const lockFile = join(root, 'package-lock.json')
const npmRecord = join(root, 'node_modules', '.package-lock.json')
// Of our own, with the lock's hash: npm's record is judged by its time, and a git checkout makes every lock look new.
const ourRecord = join(root, 'node_modules', '.installed-lock')

const lockHash = () => createHash('sha256').update(readFileSync(lockFile)).digest('hex')

/** Whether node_modules holds what package-lock.json asks for. */
export function isInstalled() {
  if (!existsSync(npmRecord)) return false
  if (existsSync(ourRecord) && readFileSync(ourRecord, 'utf8') === lockHash()) return true
  return statSync(npmRecord).mtimeMs >= statSync(lockFile).mtimeMs
}

/** Notes that node_modules holds what package-lock.json asks for now. */
export function recordInstallation() {
  writeFileSync(ourRecord, lockHash())
}

/** Before an installation: one that is interrupted must not pass for a complete one. */
export function forgetInstallation() {
  for (const record of [ourRecord, npmRecord]) rmSync(record, { force: true })
}
