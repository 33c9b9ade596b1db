import { userInfo } from 'node:os'
import { parseArgs } from 'node:util'
import { cancelledByOperators } from '@code-agent/jobs/operator'
import { answer } from '../command.ts'
import { withStore } from '../operator-settings.ts'
import { findRun, onlyId } from './find-run.ts'

/** As the audit names whoever sits at this command line. */
function operator(): string {
  return `operator ${userInfo().username}`
}

/** `runs retry ID`: the same request again, as a run of its own. */
export async function retryRun(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { json: { type: 'boolean', default: false } },
  })
  return await withStore(async store => {
    const { runId } = await findRun(store, onlyId(positionals))
    const retried = await store.retryRun({ runId, by: operator() })
    if (!retried.retried) throw new Error(`run ${runId} is not begun again: ${retried.because}`)
    const text = `Run ${runId} is begun again as ${retried.runId}.`
    answer({ json: values.json, data: { runId: retried.runId, retryOf: runId }, text })
    return 0
  })
}

/** `runs cancel ID`: as /cancel does it, drafts that exist stay. */
export async function cancelRun(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      reason: { type: 'string', default: cancelledByOperators },
      json: { type: 'boolean', default: false },
    },
  })
  return await withStore(async store => {
    const { runId } = await findRun(store, onlyId(positionals))
    const cancelled = await store.cancel({ runId, by: operator(), cause: 'cancelled', reason: values.reason })
    if (!cancelled) throw new Error(`run ${runId} has ended or is ending already`)
    const text = `Run ${runId} is told to stop; its thread will say so.`
    answer({ json: values.json, data: { runId, cancelled }, text })
    return 0
  })
}
