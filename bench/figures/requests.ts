import { randomUUID } from 'node:crypto'
import { openStore } from '@code-agent/store/store'
import { type Installation, startInstallation } from '../../apps/cli/src/local-installation.ts'
import { sampleRepository } from '../../apps/cli/src/prepare-repository.ts'
import { type Figure, figure, type Measure } from '../figure.ts'

/** Requests the service makes of Azure DevOps, as the emulator's ledger counts them. */
export const measureRequests: Measure = async ({ say }) => {
  const installation = await startInstallation({ progress: say })
  const store = openStore({ url: installation.databaseUrl })
  try {
    const sample = await sampleRepository()
    const at = { project: 'demo', repository: 'shop' }
    await installation.azureDevOps.createRepository({ project: at.project, name: at.repository, from: sample.bare })
    await sample.remove()
    const { sourceBranch, targetBranch } = sample
    const title = randomUUID()
    const pullRequestId = await installation.azureDevOps.createPullRequest({
      ...at,
      user: 'alice',
      title,
      description: '',
      sourceBranch,
      targetBranch,
    })
    // The first run meets cold caches: identities, discovery.
    await requestsOfRun(1)
    const one = await requestsOfRun(1)
    const four = await requestsOfRun(4)
    const perVariant = (four - one) / 3
    return [
      figure({
        name: 'requests to Azure DevOps per variant',
        value: perVariant,
        unit: 'requests',
        baseline: fewest.perVariant,
        target: `within 2 of ${fewest.perVariant}`,
      }),
      figure({
        name: 'requests to Azure DevOps per run, besides its variants',
        value: one - perVariant,
        unit: 'requests',
        baseline: fewest.perRun,
        target: `within 2 of ${fewest.perRun}`,
      }),
    ] satisfies Figure[]

    async function requestsOfRun(variants: number): Promise<number> {
      const before = requestsSoFar(installation)
      const { threadId } = await installation.azureDevOps.postComment({
        pullRequestId,
        user: 'alice',
        content: `/edit /${variants} make buttons red`,
      })
      for (;;) {
        const [run] = await store.runs({ filter: { pullRequestId, threadId } })
        if (run?.state === 'ended') return requestsSoFar(installation) - before
        await new Promise(resolve => setTimeout(resolve, 100))
      }
    }
  } finally {
    await store.close()
    await installation.stop()
  }
}

function requestsSoFar({ azureDevOps }: Installation): number {
  return azureDevOps.ledger.entries({ kind: 'request' }).filter(entry => 'user' in entry && entry.user === 'bot').length
}

/**
 * Per variant: is the branch free; the pull request and the commenter's right, before the push and before the draft
 * (2 × 2); push, draft, comment. Per run: comment, pull request, identity and right, branch name, status, comment; then
 * overview, status, thread read and closed.
 */
const fewest = { perVariant: 8, perRun: 11 }
