import type { GitRight, Inspect, Repository } from '@code-agent/ado/inspect'
import { type Check, fail, ok, warn } from './check.ts'

const needed = ['Contribute', 'Create branch', 'Contribute to pull requests'] as const satisfies GitRight[]
const harmful = [
  'Bypass policies when pushing',
  'Bypass policies when completing pull requests',
] as const satisfies GitRight[]

/** With more than this many, those that are well share one line. */
const oneLineEach = 15

/** What the bot may do in each repository: too little, or more than it should. */
export async function checkRights(look: Inspect, repositories: Repository[]): Promise<Check[]> {
  const held = new Map(
    await Promise.all(
      [...needed, ...harmful].map(async right => [right, await look.holds({ right, repositories })] as const),
    ),
  )
  const checks = repositories.map((repository, index) => {
    const name = `rights on ${repository.projectName}/${repository.name}`
    const holds = (right: GitRight) => held.get(right as (typeof needed)[number])?.[index] ?? false
    if (repository.isDisabled)
      return warn(name, 'the repository is disabled', 'Every request on it is refused, until it is enabled.')
    const missing = needed.filter(right => !holds(right))
    if (missing.length > 0)
      return fail(
        name,
        `the bot lacks ${missing.join(', ')}`,
        'Project settings, Repositories, Security: allow them for the bot.',
      )
    const toomuch = harmful.filter(holds)
    if (toomuch.length > 0)
      return warn(name, `the bot may ${toomuch.join(', ').toLowerCase()}`, 'It never needs to: take the right away.')
    return ok(name, needed.join(', '))
  })
  if (checks.length <= oneLineEach) return checks
  const well = checks.filter(check => check.state === 'ok')
  return [
    ...checks.filter(check => check.state !== 'ok'),
    ok('rights on repositories', `${well.length} are as they should be`),
  ]
}

/** The credential of worker-llm stands beside text that strangers wrote: it reads, and must not write. */
export async function checkReadOnly(look: Inspect, wanted: Repository[], same: boolean): Promise<Check[]> {
  const name = 'read credential is harmless'
  const seen = await look.repositories()
  const unseen = wanted.filter(one => !seen.some(other => other.repositoryId === one.repositoryId))
  const reads =
    unseen.length === 0 && seen.length > 0
      ? ok('read credential reads', `${seen.length} repositories`)
      : fail(
          'read credential reads',
          seen.length === 0
            ? 'it sees no repository'
            : `it does not see ${unseen.map(one => `${one.projectName}/${one.name}`).join(', ')}`,
          'Give its account the group Readers in the project, and AZURE_DEVOPS_READ_TOKEN the scope Code (read).',
        )
  if (same)
    return [
      reads,
      fail(
        name,
        'it is the credential that writes',
        'Make another token for AZURE_DEVOPS_READ_TOKEN, with Code (read) alone.',
      ),
    ]
  const held = await look.holds({ right: 'Contribute', repositories: seen })
  const writable = seen.find((_, index) => held[index])
  if (writable === undefined) return [reads, ok(name, 'its account may not write')]
  if (!(await look.mayChangeRefs(writable)))
    return [reads, ok(name, 'its account may write, its scopes do not reach that far')]
  return [
    reads,
    fail(
      name,
      `it may write to ${writable.projectName}/${writable.name}`,
      'Make a token with the scope Code (read) alone, of an account that only reads.',
    ),
  ]
}
