import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { hasDebianPackages, unpackDebianPackages } from './debian-packages.ts'
import { cacheFolder, findOnPath } from './server-process.ts'

const INSTALL_HINT =
  'Redis is missing: install it with `sudo apt-get install redis-server` on Debian or Ubuntu, ' +
  '`brew install redis` on macOS, or inside WSL (`wsl --install`, then as on Debian) on Windows.'

const packages = ['redis-server', 'redis-tools', 'liblzf1', 'libjemalloc2']

/** The command that starts Redis (or Valkey) here: from the PATH, the cache, or fetched once from Debian's packages. */
export async function redisCommand(folder: string = join(cacheFolder, 'redis')): Promise<string[]> {
  const installed = findOnPath('redis-server') ?? findOnPath('valkey-server')
  if (installed) return [installed]
  const cached = cachedCommand(folder)
  if (cached) return cached
  if (!hasDebianPackages()) throw new Error(INSTALL_HINT)
  try {
    await unpackDebianPackages({ folder, packages, isComplete: () => cachedCommand(folder) !== undefined })
  } catch (error) {
    throw new Error(INSTALL_HINT, { cause: error })
  }
  const fetched = cachedCommand(folder)
  if (!fetched) throw new Error(INSTALL_HINT)
  return fetched
}

function cachedCommand(folder: string): string[] | undefined {
  const program = join(folder, 'usr/bin/redis-server')
  if (!existsSync(program)) return undefined
  const libraries = join(folder, 'usr/lib')
  const paths = readdirSync(libraries).map(name => join(libraries, name))
  return ['env', `LD_LIBRARY_PATH=${paths.join(':')}`, program]
}
