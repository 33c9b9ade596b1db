import type { Account, Inspect, Repository } from '@code-agent/ado/inspect'
import type { AzureDevOps, Person } from '@code-agent/ado/port'
import { organisationName } from '@code-agent/jobs/organisation'
import type { Store } from '@code-agent/store/store'
import { ago } from '../age.ts'
import { type Check, fail, ok, warn } from './check.ts'

type Ports = {
  look: Inspect
  rights: Pick<AzureDevOps, 'mayContribute'>
  me: Person
  repositories: Repository[]
  /** ALLOWED_USERS: given, it decides instead of rights. */
  allowed: string | undefined
  url: string
  store: Pick<Store, 'runs' | 'pauses'> | undefined
}

/** Why somebody's command would be refused, asked the way a run asks; and why the last ones were. */
export async function explainUser(ports: Ports, who: string): Promise<Check[]> {
  const { look, me } = ports
  const name = `user ${who}`
  const found = (await look.accounts({ name: who })).filter(one => !one.isGroup)
  const [account, ...others] = found
  if (account === undefined)
    return [
      fail(
        name,
        'Azure DevOps knows nobody of this name',
        'Try the account name (alice@contoso.com), or the beginning of the display name.',
      ),
    ]
  if (others.length > 0) return [fail(name, `it could be ${found.map(label).join(', ')}`, 'Use the account name.')]
  if (account.id === me.id)
    return [fail(name, 'it is the bot itself: its comments start nothing', 'Comment as a person.')]
  if (!account.isActive)
    return [
      fail(
        name,
        `${label(account)} is not active any more`,
        'An administrator of the organisation can enable the account.',
      ),
    ]
  const rights = ports.allowed === undefined ? await rightsOf(ports, account) : [onList(ports.allowed, account)]
  const pauses = await pausesOf(ports)
  return [ok(name, label(account)), ...rights, ...pauses, ...(await refusedLately(ports, account))]
}

function onList(allowed: string, { id }: Account): Check {
  const name = 'list of those who may ask'
  return allowed
    .toLowerCase()
    .split(/[\s,]+/)
    .includes(id.toLowerCase())
    ? ok(name, 'on it: that decides, whatever their rights are')
    : fail(name, 'refused: not on it', `Add ${id} to ALLOWED_USERS of worker-ado, or take the list away.`)
}

async function rightsOf({ rights, repositories }: Ports, account: Account): Promise<Check[]> {
  return await Promise.all(
    repositories.map(async repository => {
      const name = `${account.displayName} on ${repository.projectName}/${repository.name}`
      if (repository.isDisabled)
        return fail(name, 'refused: the repository is disabled', 'Enable it in the project settings.')
      const verdict = await rights.mayContribute({ ...repository, identityId: account.id })
      return verdict.allowed
        ? ok(name, 'may ask for edits: has the right Contribute')
        : fail(
            name,
            `refused: ${verdict.because}`,
            'Project settings, Repositories, Security: allow Contribute for this person.',
          )
    }),
  )
}

async function pausesOf({ store, url, repositories }: Ports): Promise<Check[]> {
  const organisation = organisationName(url)
  const pauses = (await store?.pauses())?.filter(one => one.organisation === organisation) ?? []
  const met = pauses.filter(
    one => one.repositoryId === null || repositories.some(repository => repository.repositoryId === one.repositoryId),
  )
  return met.map(one =>
    warn(
      `pause of ${one.repositoryId ?? organisation}`,
      `requests wait there: ${one.reason}`,
      'npm run resume lifts it.',
    ),
  )
}

async function refusedLately({ store, url }: Ports, account: Account): Promise<Check[]> {
  if (store === undefined)
    return [
      warn('requests of this person', 'not checked: DATABASE_URL is not set', 'Set it to see what became of them.'),
    ]
  const runs = await store.runs({ filter: { organisation: organisationName(url) }, limit: 2_000 })
  const theirs = runs.filter(run => run.requester.id === account.id)
  const refused = theirs.filter(run => run.outcome === 'refused').slice(0, 5)
  if (refused.length === 0)
    return [ok('requests of this person', `${theirs.length} among the last ${runs.length}, none refused`)]
  return refused.map(run =>
    warn(
      `request of ${ago(run.createdAt)} ago`,
      `refused on pull request ${run.key.pullRequestId}: ${run.reason ?? 'no reason is known'}`,
      `npm run runs -- show ${run.runId.slice(0, 8)}; when its reason is gone, a new comment asks again.`,
    ),
  )
}

function label({ displayName, uniqueName }: Account): string {
  return uniqueName ? `${displayName} (${uniqueName})` : displayName
}
