import { execFile } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { chmod, chown, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { type LoopbackServer, startLoopbackServer } from './loopback-server.ts'
import { type PostgresPrograms, type PostgresUser, postgresPrograms, postgresUser } from './postgres-binary.ts'
import { cacheFolder } from './server-process.ts'

const run = promisify(execFile)

const SUPERUSER = 'code_agent'
/** Part of the template's name: raise it when initdb is called differently. */
const TEMPLATE_VERSION = 1

export type PostgresOptions = {
  /** Where the cluster lives; kept on stop, used again by the next start. Without it a temporary folder. */
  dir?: string
  /** Without it a free port of 127.0.0.1. */
  port?: number
  /** Default false: fast, and safe against the server being killed, not against the machine losing power. */
  durable?: boolean
  /** Further settings, as `name=value`. */
  settings?: string[]
}

export type PostgresServer = LoopbackServer & {
  /** Of the empty database `postgres`, as superuser, with the password in it. */
  url: string
  /** Makes an empty database and returns its URL. */
  createDatabase(name: string): Promise<string>
}

/** A private Postgres on 127.0.0.1 that dies with this process. Throws one sentence if there is none to be had. */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const programs = postgresPrograms()
  const user = postgresUser()
  const server = await startLoopbackServer({
    name: 'postgres',
    dir: options.dir,
    port: options.port,
    inMemory: options.durable !== true,
    asUser: user.asUser,
    // SIGTERM would wait until every client has gone; SIGINT ends their sessions.
    endSignal: 'SIGINT',
    prepare: dir => fillFolder(dir, programs, user),
    command: (dir, port) => [programs.postgres, '-D', join(dir, 'data'), ...settingArguments(port, options)],
    isReady: ({ pid }, dir) => isPostmasterReady(dir, pid),
  })
  const password = readFileSync(join(server.dir, 'password'), 'utf8')
  const urlOf = (database: string) => `postgres://${SUPERUSER}:${password}@127.0.0.1:${server.port}/${database}`
  const url = urlOf('postgres')
  return Object.assign(server, {
    url,
    async createDatabase(name: string) {
      await runSql(url, `CREATE DATABASE ${pg.escapeIdentifier(name)}`)
      return urlOf(encodeURIComponent(name))
    },
  })
}

/** One statement on a connection of its own. */
export async function runSql(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

function settingArguments(port: number, { durable = false, settings = [] }: PostgresOptions): string[] {
  const all = [
    `port=${port}`,
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'max_connections=300',
    'max_wal_size=256MB',
    'timezone=UTC',
    'jit=off',
    ...(durable ? [] : ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off']),
    ...settings,
  ]
  return all.flatMap(setting => ['-c', setting])
}

// The file pg_ctl waits on: line 1 is the pid (a killed server leaves its file behind), line 8 the status.
function isPostmasterReady(dir: string, pid: number): boolean {
  try {
    const lines = readFileSync(join(dir, 'data', 'postmaster.pid'), 'utf8').split('\n')
    return lines[0] === `${pid}` && lines[7]?.trim() === 'ready'
  } catch {
    return false
  }
}

async function fillFolder(dir: string, programs: PostgresPrograms, user: PostgresUser): Promise<void> {
  if (existsSync(join(dir, 'data', 'PG_VERSION'))) return
  const template = await clusterTemplate(programs, user)
  await run('cp', ['-a', `${template}/.`, dir])
  if (user.owner) await chown(dir, user.owner.uid, user.owner.gid)
}

// initdb takes a second, a copy of its result a tenth of it. Two first starts both make one; the quicker one's stays.
async function clusterTemplate(programs: PostgresPrograms, user: PostgresUser): Promise<string> {
  const key = createHash('sha256').update(`${programs.initdb} ${user.owner?.uid} ${TEMPLATE_VERSION}`).digest('hex')
  const template = join(cacheFolder, 'postgres', `${programs.version}-${key.slice(0, 8)}`)
  if (existsSync(template)) return template
  await mkdir(join(cacheFolder, 'postgres'), { recursive: true })
  const work = await mkdtemp(`${template}-`)
  try {
    const passwordFile = join(work, 'password')
    await writeFile(passwordFile, randomBytes(18).toString('base64url'), { mode: 0o600 })
    if (user.owner) {
      for (const path of [passwordFile, work]) await chown(path, user.owner.uid, user.owner.gid)
    }
    await initialise(programs, user, join(work, 'data'), passwordFile)
    await chmod(work, 0o700)
    await rename(work, template)
  } catch (error) {
    if (!existsSync(template)) throw new Error('could not initialise a Postgres cluster', { cause: error })
  } finally {
    await rm(work, { recursive: true, force: true })
  }
  return template
}

async function initialise(programs: PostgresPrograms, user: PostgresUser, data: string, passwordFile: string) {
  const args = [
    ...['-D', data, '-U', SUPERUSER, `--pwfile=${passwordFile}`, '--auth=scram-sha-256'],
    ...['--encoding=UTF8', '--locale=C', '--no-sync', '--no-instructions'],
  ]
  const [program = '', ...rest] = [...user.asUser, programs.initdb, ...args]
  await run(program, rest)
}
