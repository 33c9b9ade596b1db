import { type Connection, connect } from '@code-agent/ado/connection'
import { Refused } from '@code-agent/ado/errors-of-azure-devops'
import { type Inspect, inspect, type Repository } from '@code-agent/ado/inspect'
import { whoAmI } from '@code-agent/ado/people'
import { permissionVerbs } from '@code-agent/ado/permissions'
import type { Person } from '@code-agent/ado/port'
import { type Check, fail, ok, reasonOf, unset, warn } from './check.ts'
import type { DoctorSettings } from './doctor-settings.ts'
import { kindOfToken } from './token-kind.ts'

export type Opened = { connection: Connection; look: Inspect; me: Person; clockAheadMs: number }
type Credential = { name: string; variable: string; token: string | undefined; kind: string; meaning: string }

/** A call that takes longer is no answer to somebody who waits at a terminal. */
const timeoutMs = 15_000
const anonymous = 'aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa'

export function credentialsOf(settings: DoctorSettings): { write: Credential; read: Credential } {
  return {
    write: {
      name: 'write credential',
      variable: 'AZURE_DEVOPS_TOKEN',
      token: settings.AZURE_DEVOPS_TOKEN,
      kind: settings.AZURE_DEVOPS_TOKEN_KIND,
      meaning: 'the credential of the bot',
    },
    read: {
      name: 'read credential',
      variable: 'AZURE_DEVOPS_READ_TOKEN',
      token: settings.AZURE_DEVOPS_READ_TOKEN,
      kind: settings.AZURE_DEVOPS_READ_TOKEN_KIND,
      meaning: 'a credential that reads code and nothing else',
    },
  }
}

/** Whether a credential is one, and whose; with what to go on with if it is. */
export async function openCredential(
  url: string,
  { name, variable, token, kind, meaning }: Credential,
): Promise<{ checks: Check[]; opened?: Opened }> {
  if (token === undefined) return { checks: [unset(name, variable, meaning)] }
  const form = kindOfToken(token, kind, new Date())
  const shape = form.flaw
    ? [warn(`${name} form`, `${form.words}: ${form.flaw}`, form.remedy.replaceAll('TOKEN', variable))]
    : []
  const bearer = kind === 'bearer' ? 'bearer' : 'pat'
  const connection = connect({ url, token, kind: bearer, gate: 'doctor', timeoutMs })
  try {
    const me = await whoAmI(connection)
    if (me.id === anonymous) throw new Error('Azure DevOps takes its bearer for nobody')
    const clockAheadMs = connection.theirTime().getTime() - Date.now()
    const known = ok(name, `${form.words}, of ${me.displayName}${me.uniqueName ? ` (${me.uniqueName})` : ''}`)
    return { checks: [...shape, known], opened: { connection, look: inspect(connection), me, clockAheadMs } }
  } catch (error) {
    connection.close()
    return { checks: [...shape, refusal(name, variable, error)] }
  }
}

function refusal(name: string, variable: string, error: unknown): Check {
  if (!(error instanceof Refused))
    return fail(
      name,
      reasonOf(error),
      'Check AZURE_DEVOPS_URL, and that this machine reaches it (name, proxy, firewall).',
    )
  if (error.status === 401) {
    return fail(
      name,
      'Azure DevOps does not accept it (401): wrong, revoked, expired, or its organisation forbids this kind of credential',
      `Make a new token for the same account and set ${variable}; if it is new, look at Organisation settings, Policies.`,
    )
  }
  if (error.status === 203 || error.status === 302)
    return fail(
      name,
      `Azure DevOps answers with its sign-in page (${error.status}): it does not even see a credential of this organisation`,
      `Check that ${variable} was copied whole, belongs to this organisation, and has not expired; and its _KIND.`,
    )
  return fail(name, reasonOf(error), `Check the account behind ${variable}.`)
}

/** What the bot's scopes reach, on a repository it may see. */
export async function checkScopes({ connection, look, me }: Opened, [first]: Repository[]): Promise<Check[]> {
  if (first === undefined)
    return [
      fail(
        'scope Code (read)',
        'it sees no repository',
        'Give the token the scope Code (read & write), and the account access to the project.',
      ),
    ]
  const [canWrite, verdict, [contributes]] = await Promise.all([
    look.mayChangeRefs(first),
    permissionVerbs(connection).mayContribute({ ...first, identityId: me.id }),
    look.holds({ right: 'Contribute', repositories: [first] }),
  ])
  return [
    ok('scope Code (read)', 'repositories can be read'),
    canWrite
      ? ok('scope Code (write)', 'it reaches changes of branches')
      : fail(
          'scope Code (write)',
          'its scopes do not reach changes of branches',
          'Give AZURE_DEVOPS_TOKEN the scope Code (read & write).',
        ),
    lookUp(verdict, contributes ?? false),
  ]
}

function lookUp(verdict: { allowed: boolean; because: string }, contributes: boolean): Check {
  const name = 'look up of rights'
  if (verdict.because.startsWith('This service may not'))
    return fail(
      name,
      'identities or access control lists are closed to it, so everybody would be refused',
      'Give AZURE_DEVOPS_TOKEN the scopes Identity (read) and Security (manage).',
    )
  if (verdict.allowed === contributes) return ok(name, 'identities and rights can be read')
  return warn(
    name,
    'Azure DevOps does not show it a right it has: rights through groups are not shown to it, and such people would be refused',
    'Try doctor --user with somebody who contributes through a group; grant Contribute to people where it is not seen.',
  )
}
