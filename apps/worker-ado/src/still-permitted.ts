import type { AzureDevOps } from '@code-agent/ado/port'
import { Rejected } from '@code-agent/jobs/errors'
import type { Run } from '@code-agent/store/read'
import { repositoryOf } from './repository-of.ts'

/**
 * Asked right before code is written: between comment and push minutes pass, in which rights and pull requests change.
 * @throws Rejected saying what changed
 */
export async function stillPermitted(ado: AzureDevOps, run: Run): Promise<void> {
  const read = await ado.readPullRequest({ ...repositoryOf(run), pullRequestId: run.key.pullRequestId })
  if (!read.found) throw new Rejected('The pull request is gone.')
  if (read.pullRequest.status !== 'active')
    throw new Rejected(`The pull request was ${read.pullRequest.status} meanwhile.`)
  const permission = await ado.mayContribute({ ...repositoryOf(run), identityId: run.requester.id })
  if (!permission.allowed) throw new Rejected(permission.because)
}
