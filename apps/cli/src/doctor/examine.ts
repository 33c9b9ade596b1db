import { type Connection, connect } from '@code-agent/ado/connection'
import type { Repository } from '@code-agent/ado/inspect'
import { permissionVerbs } from '@code-agent/ado/permissions'
import type { Environment } from '@code-agent/service/environment'
import { openStore } from '@code-agent/store/store'
import { type Check, fail, reasonOf, warn } from './check.ts'
import { checkAddress } from './check-address.ts'
import { checkConfiguration } from './check-configuration.ts'
import { checkScopes, credentialsOf, type Opened, openCredential } from './check-credentials.ts'
import { checkDataKey } from './check-data-key.ts'
import { checkHooks } from './check-hooks.ts'
import { checkModel } from './check-model.ts'
import { checkProcesses } from './check-processes.ts'
import { checkReadOnly, checkRights } from './check-rights.ts'
import { checkRunPage } from './check-run-page.ts'
import { checkPostgres, checkRedis, clock } from './check-servers.ts'
import { checkWebhook } from './check-webhook.ts'
import type { DoctorSettings } from './doctor-settings.ts'
import { explainUser } from './explain-user.ts'

export type Examination = {
  env: Environment
  settings: DoctorSettings
  user?: string | undefined
  /** `PROJECT/REPOSITORY`; empty for all. */
  repositories: string[]
  health: string[]
  /** Names of sections; empty for all. */
  only: string[]
}

/** In the order in which one would mend what is wrong. */
export const sections = {
  configuration: ({ env }) => checkConfiguration(env),
  postgres: async ({ settings }) => [...(await checkPostgres(settings)), ...(await checkDataKey(settings))],
  redis: ({ settings }) => checkRedis(settings),
  'azure-devops': of => checkAzureDevOps(of),
  webhook: ({ settings }) => checkWebhook(settings),
  'run-page': ({ settings }) => checkRunPage(settings),
  model: ({ settings }) => checkModel(settings),
  processes: ({ health }) => checkProcesses(health),
} as const satisfies Record<string, (of: Examination) => Promise<Check[]>>

/** All checks, or what concerns one person; a section that breaks off is a failed check itself. */
export async function examine(of: Examination): Promise<Check[]> {
  if (of.user !== undefined) return await guarded('user', checkUser(of, of.user))
  const wanted = Object.entries(sections).filter(([name]) => of.only.length === 0 || of.only.includes(name))
  return (await Promise.all(wanted.map(([name, section]) => guarded(name, section(of))))).flat()
}

async function guarded(name: string, checking: Promise<Check[]>): Promise<Check[]> {
  try {
    return await checking
  } catch (error) {
    return [fail(name, reasonOf(error), 'This could not be checked to its end.')]
  }
}

async function checkAzureDevOps(of: Examination): Promise<Check[]> {
  const { settings } = of
  const address = checkAddress(settings.AZURE_DEVOPS_URL)
  const url = settings.AZURE_DEVOPS_URL
  if (url === undefined || address.state === 'fail') return [address]
  const { write, read } = credentialsOf(settings)
  const [bot, reader] = await Promise.all([openCredential(url, write), openCredential(url, read)])
  try {
    const wanted = bot.opened ? await repositoriesOf(bot.opened, of.repositories) : { repositories: [], checks: [] }
    const { repositories } = wanted
    const same = write.token === read.token
    return [
      address,
      ...bot.checks,
      ...wanted.checks,
      ...(bot.opened ? await botChecks(bot.opened, repositories) : []),
      ...reader.checks,
      ...(reader.opened
        ? await guarded('read credential reads', checkReadOnly(reader.opened.look, repositories, same))
        : []),
      ...(bot.opened ? await guarded('service hooks', hookChecks(settings, url, bot.opened, repositories)) : []),
    ]
  } finally {
    bot.opened?.connection.close()
    reader.opened?.connection.close()
  }
}

async function botChecks(bot: Opened, repositories: Repository[]): Promise<Check[]> {
  return [
    clock('clock of azure devops', bot.clockAheadMs),
    ...(await guarded('scopes', checkScopes(bot, repositories))),
    ...(await guarded('rights', checkRights(bot.look, repositories))),
  ]
}

/** Projects that have repositories in question, looked at by who may see hooks. */
async function hookChecks(
  settings: DoctorSettings,
  url: string,
  bot: Opened,
  repositories: Repository[],
): Promise<Check[]> {
  const projects = new Map(repositories.map(one => [one.projectId, { id: one.projectId, name: one.projectName }]))
  const { AZURE_DEVOPS_ADMIN_TOKEN: token, AZURE_DEVOPS_ADMIN_TOKEN_KIND: kind } = settings
  const admin: Connection | undefined =
    token === undefined
      ? undefined
      : connect({ url, token, kind: kind === 'bearer' ? 'bearer' : 'pat', gate: 'doctor' })
  try {
    const { WEBHOOK_URL, WEBHOOK_USERNAME: username } = settings
    return await checkHooks(admin ?? bot.connection, { projects: [...projects.values()], url: WEBHOOK_URL, username })
  } finally {
    admin?.close()
  }
}

async function repositoriesOf(
  { look }: Opened,
  names: string[],
): Promise<{ repositories: Repository[]; checks: Check[] }> {
  const all = await look.repositories().catch(() => [])
  if (names.length === 0) return { repositories: all.filter(one => !one.isDisabled), checks: [] }
  const called = (name: string) => (one: Repository) =>
    `${one.projectName}/${one.name}`.toLowerCase() === name.toLowerCase()
  return {
    repositories: names.flatMap(name => all.find(called(name)) ?? []),
    checks: names
      .filter(name => !all.some(called(name)))
      .map(name =>
        fail(
          `repository ${name}`,
          'the bot does not see it',
          'Write it as PROJECT/REPOSITORY, and give the bot access to the project.',
        ),
      ),
  }
}

async function checkUser(of: Examination, user: string): Promise<Check[]> {
  const { settings } = of
  const url = settings.AZURE_DEVOPS_URL
  const address = checkAddress(url)
  if (url === undefined || address.state === 'fail') return [address]
  const { checks, opened } = await openCredential(url, credentialsOf(settings).write)
  if (opened === undefined) return checks
  const store = settings.DATABASE_URL === undefined ? undefined : openStore({ url: settings.DATABASE_URL, max: 1 })
  try {
    const { repositories, checks: missing } = await repositoriesOf(opened, of.repositories)
    const { look, me } = opened
    const rights = permissionVerbs(opened.connection)
    const some = repositories.slice(0, 50)
    const cut =
      some.length < repositories.length
        ? [
            warn(
              'repositories',
              `only the first 50 of ${repositories.length} are looked at`,
              'Name those in question with --repository.',
            ),
          ]
        : []
    return [
      ...missing,
      ...cut,
      ...(await explainUser(
        { look, rights, me, repositories: some, allowed: settings.ALLOWED_USERS, url, store },
        user,
      )),
    ]
  } finally {
    opened.connection.close()
    await store?.close()
  }
}
