import { parseArgs } from 'node:util'
import { changesOf } from '@code-agent/command/report'
import type { Run, TimelineEvent, Variant } from '@code-agent/store/read'
import type { Usage } from '@code-agent/store/usage'
import { answer, table } from '../command.ts'
import { linkFromEnvironment, withStore } from '../operator-settings.ts'
import { findRun, onlyId } from './find-run.ts'
import { summaryOf } from './list-runs.ts'

/** `runs show ID`: what became of it, what it cost, and its audit. */
export async function showRun(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { json: { type: 'boolean', default: false } },
  })
  const { run, usage, timeline, failure } = await withStore(async store => {
    const found = await findRun(store, onlyId(positionals))
    const [used, events, last] = await Promise.all([
      store.usageOf(found.runId),
      store.timeline(found.runId),
      store.lastFailure({ runId: found.runId }),
    ])
    return { run: found, usage: used, timeline: events, failure: last }
  })
  const page = linkFromEnvironment(run) ?? null
  const data = { ...summaryOf(run), deadline: run.deadline, page, variants: run.variants, ...costOf(usage), timeline }
  answer({
    json: values.json,
    data: { ...data, lastFailure: failure ?? null },
    text: textOf(run, usage, timeline, failure, page),
  })
  return 0
}

/** The price of calls that have none is unknown, so a sum with them is none either. */
function costOf(usage: Usage[]): { tokens: number; costUsd: number | null; calls: number } {
  const priced = usage.every(call => call.costUsd !== null)
  return {
    calls: usage.length,
    tokens: usage.reduce(
      (sum, call) => sum + call.inputTokens + call.outputTokens + call.cacheReadTokens + call.cacheWriteTokens,
      0,
    ),
    costUsd: priced ? usage.reduce((sum, call) => sum + (call.costUsd ?? 0), 0) : null,
  }
}

function textOf(
  run: Run,
  usage: Usage[],
  timeline: TimelineEvent[],
  failure: { step: string; message: string } | undefined,
  page: string | null,
): string {
  const { tokens, costUsd, calls } = costOf(usage)
  const cost = costUsd === null ? 'price unknown' : `$${costUsd.toFixed(4)}`
  const facts = [
    ['run', run.runId],
    ['state', [run.state, run.outcome].filter(Boolean).join(', ')],
    ...(run.reason ? [['reason', run.reason]] : []),
    ...(failure && run.state !== 'ended' ? [['last trouble', `${failure.step}: ${failure.message}`]] : []),
    ['asked by', run.forgottenAt ? '(forgotten)' : `${run.requester.displayName} (${run.requester.id})`],
    ['intent', run.forgottenAt ? '(forgotten)' : run.intent],
    ['where', `${run.key.organisation}, repository ${run.key.repositoryId}, pull request ${run.key.pullRequestId}`],
    ...(run.retry > 0 ? [['retry', String(run.retry)]] : []),
    ...(page === null ? [] : [['page', page]]),
    ['model', `${calls} calls, ${tokens} tokens, ${cost}`],
  ]
  const events = timeline.map(({ at, kind, data }) => [at.toISOString(), kind, JSON.stringify(data)])
  return [table(facts), '', table(run.variants.map(variantRow)), '', table(events)].join('\n')
}

function variantRow(variant: Variant): string[] {
  const { files, additions, deletions } = variant
  const size =
    files === null || additions === null || deletions === null ? '' : changesOf({ files, additions, deletions })
  const draft = variant.pullRequestId === null ? '' : `draft ${variant.pullRequestId}`
  const what = variant.reason ?? variant.summary ?? variant.strategy?.name ?? ''
  return [`v${variant.variant}`, variant.outcome ?? 'open', draft, size, what]
}
