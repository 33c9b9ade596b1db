import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { withProcessLock } from './process-lock.mjs'
import { findOnPath } from './server-process.ts'

const run = promisify(execFile)

/** Whether this is Debian, or something that keeps its packages as Debian does. */
export function hasDebianPackages(): boolean {
  return findOnPath('apt-get') !== undefined && findOnPath('dpkg') !== undefined
}

/**
 * Unpacks Debian packages into `folder`, once: needs no root, installs and starts nothing. `isComplete` tells whether
 * somebody did so before. Throws when they cannot be had.
 */
export async function unpackDebianPackages(of: {
  folder: string
  packages: string[]
  isComplete: () => boolean
}): Promise<void> {
  if (of.isComplete()) return
  await withProcessLock(`${of.folder}.lock`, async () => {
    if (!of.isComplete()) await fetchPackages(of.folder, of.packages)
  })
}

// apt-get with a state of its own needs neither root nor the system's lists.
async function fetchPackages(folder: string, packages: string[]): Promise<void> {
  await mkdir(dirname(folder), { recursive: true })
  const work = await mkdtemp(`${folder}-`)
  try {
    const state = join(work, 'state')
    const debs = join(work, 'debs')
    const cache = join(work, 'cache')
    for (const path of [join(state, 'lists/partial'), join(cache, 'archives/partial'), debs]) {
      await mkdir(path, { recursive: true })
    }
    const apt = (...args: string[]) => run('apt-get', [...aptOptions(state, cache), ...args], { cwd: debs })
    await apt('update')
    await apt('download', ...packages)
    const root = join(work, 'root')
    for (const deb of await readdir(debs)) await run('dpkg', ['-x', join(debs, deb), root])
    await rename(root, folder)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

function aptOptions(state: string, cache: string): string[] {
  const settings = [
    `Dir::State=${state}`,
    'Dir::State::status=/var/lib/dpkg/status',
    `Dir::Cache=${cache}`,
    'Debug::NoLocking=1',
    'APT::Sandbox::User=',
    'Acquire::Retries=2',
    'Acquire::http::Timeout=20',
  ]
  return ['-q', ...settings.flatMap(setting => ['-o', setting])]
}
