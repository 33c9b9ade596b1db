import { Superseded } from '@code-agent/jobs/errors'
import type { EditContext } from '@code-agent/llm/edit-context'
import type { Model } from '@code-agent/llm/model'
import type { RepositoryCache } from '@code-agent/repository/repository-cache'
import type { Snapshot } from '@code-agent/repository/snapshot'
import type { Admission } from '@code-agent/store/admission'
import type { Run } from '@code-agent/store/read'
import { gatherContext } from './gather-context.ts'
import { type Instructions, readInstructions } from './project-instructions.ts'
import {
  type Offer,
  type ProjectSettings,
  readProjectSettings,
  settingsPath,
  WrongSettings,
} from './project-settings.ts'
import { type Shown, whatIsShown } from './what-is-shown.ts'

export type RunContext = AsyncDisposable & {
  snapshot: Snapshot
  shown: Shown
  settings: ProjectSettings
  /** The same for every call of a run to the same model. */
  contextFor(model: Model): Promise<EditContext>
}
export type ReadContext = (run: Run, signal: AbortSignal) => Promise<RunContext>

/**
 * @param of.cloneUrl where git fetches a repository: of the configured organisation, never from a payload
 * @throws WrongSettings when the project's settings are wrong, with what is wrong in them
 */
export function contextReader(of: {
  cache: RepositoryCache
  cloneUrl: (repository: { projectId: string; repositoryId: string }) => string
  credential: { token: string; kind: 'basic' | 'bearer' }
  offer: Offer
}): ReadContext {
  return async (run, signal) => {
    const { admission } = run
    if (!admission) throw new Superseded('the run was never admitted')
    const open = (commit: string, also: string[] = []) =>
      of.cache.at({
        cloneUrl: of.cloneUrl({ projectId: run.projectId, repositoryId: run.key.repositoryId }),
        credential: of.credential,
        commit,
        also,
        signal,
      })
    const snapshot = await open(admission.baseCommit, [admission.targetCommit])
    try {
      await using target = await open(admission.targetCommit)
      const settings = await projectSettings(target, admission, of.offer)
      const instructions = await readInstructions(target, settings)
      return context(run, admission, { snapshot, settings, instructions })
    } catch (error) {
      await snapshot.release()
      throw error
    }
  }
}

function context(
  run: Run,
  admission: Admission,
  { snapshot, settings, instructions }: { snapshot: Snapshot; settings: ProjectSettings; instructions: Instructions },
): RunContext {
  const shown = whatIsShown(snapshot, settings.paths?.ignore ?? [])
  return {
    snapshot,
    shown,
    settings,
    contextFor: model =>
      gatherContext({
        shown,
        run,
        admission,
        instructions,
        include: settings.paths?.include ?? [],
        contextTokens: model.capabilities.contextTokens,
      }),
    [Symbol.asyncDispose]: () => snapshot.release(),
  }
}

async function projectSettings(target: Snapshot, admission: Admission, offer: Offer): Promise<ProjectSettings> {
  const other = settingsPath.replace('.yml', '.yaml')
  const files = await target.readMany([settingsPath, other])
  const file = files.get(settingsPath)
  if (file?.kind === 'text') {
    const read = readProjectSettings(file.content, offer)
    if (!read.ok) throw new WrongSettings(read.problem)
    return read.settings
  }
  if (file && file.kind !== 'absent')
    throw new WrongSettings(
      `${settingsPath} on ${admission.targetBranch} is no text file (${file.kind}). Correct it there, then comment again.`,
    )
  if (files.get(other)?.kind === 'text')
    throw new WrongSettings(
      `${other} on ${admission.targetBranch} has to be called ${settingsPath}. Rename it there, then comment again.`,
    )
  return {}
}
