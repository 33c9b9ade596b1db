import type { AzureDevOps } from '@code-agent/ado/port'
import { branchName } from '@code-agent/command/names'
import { slugOf } from '@code-agent/command/slug'
import { Rejected } from '@code-agent/jobs/errors'
import type { Run } from '@code-agent/store/read'
import type { Slugs } from '@code-agent/store/slugs'
import { repositoryOf } from './repository-of.ts'

type Ports = { store: Slugs; ado: AzureDevOps }

/** How many taken names are tried before somebody has to look. */
const slugTries = 20

/** Postgres keeps two runs apart; the probe keeps us off branches that others made. */
export async function freeSlug({ store, ado }: Ports, run: Run, user: string): Promise<string> {
  const { organisation, repositoryId } = run.key
  for (let tries = 0; tries < slugTries; tries++) {
    const slug = await store.allocateSlug({
      organisation,
      repositoryId,
      userSegment: user,
      slug: slugOf(run.intent),
      runId: run.runId,
    })
    const probe = await ado.probeBranch({ ...repositoryOf(run), branch: branchName({ user, slug, variant: 1 }) })
    if (probe.state === 'free') return slug
    if (probe.state === 'blocked' && !probe.by.startsWith(`users/${user}/`)) {
      throw new Rejected(
        `The branch “${probe.by}” stands where the drafts' branches users/${user}/… would have to be. Rename or delete it, then comment again.`,
      )
    }
    await store.rejectSlug({ runId: run.runId, slug })
  }
  throw new Rejected(
    `All of the first ${slugTries} branch names for this intent are taken. Delete old users/${user}/… branches, then comment again.`,
  )
}
