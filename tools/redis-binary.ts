import { execFile } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { withProcessLock } from './process-lock.mjs'
import { cacheFolder, findOnPath } from './server-process.ts'

const run = promisify(execFile)

const INSTALL_HINT =
  'Redis is missing: install it with `sudo apt-get install redis-server` on Debian or Ubuntu, ' +
  '`brew install redis` on macOS, or inside WSL (`wsl --install`, then as on Debian) on Windows.'

/** The command that starts Redis (or Valkey) here: from the PATH, the cache, or fetched once from Debian's packages. */
export async function redisCommand(folder: string = join(cacheFolder, 'redis')): Promise<string[]> {
  const installed = findOnPath('redis-server') ?? findOnPath('valkey-server')
  if (installed) return [installed]
  const cached = cachedCommand(folder)
  if (cached) return cached
  if (!findOnPath('apt-get') || !findOnPath('dpkg')) throw new Error(INSTALL_HINT)
  return await withProcessLock(`${folder}.lock`, async () => {
    const fetchedMeanwhile = cachedCommand(folder)
    if (fetchedMeanwhile) return fetchedMeanwhile
    await fetchRedis(folder)
    const fetched = cachedCommand(folder)
    if (!fetched) throw new Error(INSTALL_HINT)
    return fetched
  })
}

function cachedCommand(folder: string): string[] | undefined {
  const program = join(folder, 'usr/bin/redis-server')
  if (!existsSync(program)) return undefined
  const libraries = join(folder, 'usr/lib')
  const paths = readdirSync(libraries).map(name => join(libraries, name))
  return ['env', `LD_LIBRARY_PATH=${paths.join(':')}`, program]
}

// apt-get with a state of its own needs neither root nor the system's lists, and installs and starts nothing.
async function fetchRedis(folder: string): Promise<void> {
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
    await apt('download', 'redis-server', 'redis-tools', 'liblzf1', 'libjemalloc2')
    const root = join(work, 'root')
    for (const deb of await readdir(debs)) await run('dpkg', ['-x', join(debs, deb), root])
    await rename(root, folder)
  } catch (error) {
    throw new Error(INSTALL_HINT, { cause: error })
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
