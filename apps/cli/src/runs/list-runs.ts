import { parseArgs } from 'node:util'
import { type RunState, runOutcomes, runStates } from '@code-agent/jobs/run'
import type { RunFilter, RunRow } from '@code-agent/store/read'
import { ageMs, ago } from '../age.ts'
import { answer, table, WrongUsage } from '../command.ts'
import { withStore } from '../operator-settings.ts'

/** `runs list`: newest first. */
export async function listRuns(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      open: { type: 'boolean', default: false },
      state: { type: 'string' },
      outcome: { type: 'string' },
      repository: { type: 'string' },
      'pull-request': { type: 'string' },
      since: { type: 'string' },
      limit: { type: 'string', default: '20' },
      json: { type: 'boolean', default: false },
    },
  })
  const limit = count('--limit', values.limit)
  const outcome = values.outcome === undefined ? undefined : oneOf('--outcome', runOutcomes, values.outcome)
  const filter = filterOf(values)
  const runs = await withStore(async store => {
    // What an outcome leaves out must not use up the limit.
    const found = await store.runs({ filter, limit: outcome ? 10_000 : limit })
    return found.filter(run => outcome === undefined || run.outcome === outcome).slice(0, limit)
  })
  answer({ json: values.json, data: { runs: runs.map(summaryOf) }, text: textOf(runs) })
  return 0
}

type Values = {
  open: boolean
  state?: string | undefined
  repository?: string | undefined
  'pull-request'?: string | undefined
  since?: string | undefined
}

function filterOf(values: Values): RunFilter {
  const { state, repository, since, 'pull-request': pullRequest } = values
  return {
    open: values.open,
    ...(state === undefined ? {} : { states: [oneOf<RunState>('--state', runStates, state)] }),
    ...(repository === undefined ? {} : { repositoryId: repository }),
    ...(pullRequest === undefined ? {} : { pullRequestId: count('--pull-request', pullRequest) }),
    ...(since === undefined ? {} : { createdAfter: new Date(Date.now() - ageMs(since)) }),
  }
}

/** A run as programs read it; what is not there yet is null. */
export function summaryOf(run: RunRow) {
  return {
    runId: run.runId,
    ...run.key,
    state: run.state,
    outcome: run.outcome,
    reason: run.reason,
    variants: run.variantCount,
    requester: run.requester.uniqueName || run.requester.displayName || run.requester.id,
    intent: run.intent,
    generation: run.generation,
    retry: run.retry,
    createdAt: run.createdAt,
    startedAt: run.startedAt,
    endedAt: run.endedAt,
    forgottenAt: run.forgottenAt,
  }
}

function textOf(runs: RunRow[]): string {
  if (runs.length === 0) return 'There is no such run.'
  const rows = runs.map(run => [
    run.runId.slice(0, 8),
    run.outcome ?? run.state,
    `${ago(run.createdAt)} ago`,
    String(run.key.pullRequestId),
    String(run.variantCount),
    run.requester.displayName || run.requester.id,
    run.forgottenAt ? '(forgotten)' : (run.intent.split('\n')[0] ?? '').slice(0, 60),
  ])
  return table([['run', 'state', 'asked', 'PR', 'N', 'by', 'intent'], ...rows])
}

function oneOf<T extends string>(option: string, known: readonly T[], value: string): T {
  const found = known.find(one => one === value)
  if (found === undefined) throw new WrongUsage(`${option} is one of ${known.join(', ')}`)
  return found
}

function count(option: string, value: string): number {
  if (!/^[1-9]\d{0,8}$/.test(value)) throw new WrongUsage(`${option} takes a number from 1`)
  return Number(value)
}
