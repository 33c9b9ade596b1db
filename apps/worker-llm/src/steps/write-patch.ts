import { createHash } from 'node:crypto'
import { Rejected } from '@code-agent/jobs/errors'
import type { StepResult } from '@code-agent/jobs/steps'
import type { Effort } from '@code-agent/llm/model'
import { blockedSentence, judgeChanges, type PathRule } from '@code-agent/patch/path-policy'
import type { Patches } from '@code-agent/store/patches'
import type { Read } from '@code-agent/store/read'
import { type VariantInput, workingVariant } from '@code-agent/store/served-run'
import { askForEdit } from '../conversation.ts'
import type { ModelCalls } from '../model-calls.ts'
import type { Models } from '../models.ts'
import type { ReadContext } from '../read-context.ts'
import { summaryOf } from '../summary.ts'

type Ports = {
  store: Read & Patches
  models: Models
  calls: ModelCalls
  readContext: ReadContext
  maxOutputTokens: number
  effort: Effort
  /** The installation's rules on paths. */
  pathRules: readonly PathRule[]
}

/** Asks the model for the variant's edit, places it with proof against the pinned files, and stores the canonical diff. */
export function writePatch(ports: Ports) {
  return async (input: VariantInput & { signal: AbortSignal; attempt: number }): Promise<StepResult> => {
    const served = await workingVariant(ports.store, input)
    if (await ports.store.patch(input)) return { outcome: 'done' }
    await using read = await ports.readContext(served.run, input.signal)
    const { strategy } = served.variant
    const its = { ...ports, model: ports.models.named(strategy?.model), effort: strategy?.effort ?? ports.effort }
    const { edit, answer } = await askForEdit(its, input, served, read)
    const blocked = blockedSentence(judgeChanges(edit.changes, { rules: ports.pathRules }))
    if (blocked !== undefined) throw new Rejected(blocked)
    const saved = await ports.store.savePatch({
      runId: input.runId,
      variant: input.variant,
      diff: edit.diff,
      changes: edit.changes.map(({ path, kind, after }) => ({
        path,
        kind,
        ...(after === undefined ? {} : { content: after }),
      })),
      stats: edit.stats,
      summary: summaryOf(answer.text, edit.changes),
      resultHash: createHash('sha256').update(edit.diff).digest('hex'),
    })
    if ('sameAs' in saved) throw new Rejected(`The result is the same as v${saved.sameAs}.`)
    return { outcome: 'done' }
  }
}
