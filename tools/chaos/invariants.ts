import type { Evidence, RunFacts } from './evidence.ts'

/** What must hold whatever goes wrong; the numbers are those of docs/reliability.md. */
export type Violation = {
  invariant: 'I1 lost' | 'I1 stuck' | 'I2' | 'I3' | 'I4' | 'I5' | 'I6' | 'I7' | 'I8 duplicated'
  intent: string
  says: string
}

/** Clocks of the database and of the emulator are one, but what is written last may still be on its way to the ledger. */
const slackMs = 250
/** Repairs and readings included, nobody asks the model more often for one variant, unless it failed. */
const mostAnswers = 7

export function violationsOf(evidence: Evidence): Violation[] {
  const { asked, runs, acked } = evidence
  const found: Violation[] = []
  const violated = (invariant: Violation['invariant'], says: string) =>
    found.push({ invariant, intent: asked.intent, says })
  const [run] = runs
  if (!run) {
    violated(acked ? 'I1 lost' : 'I1 stuck', acked ? 'acknowledged, and nobody knows of it' : 'never acknowledged')
    return found
  }
  if (runs.length > 1) violated('I8 duplicated', `${runs.length} runs`)
  if (run.state !== 'ended') {
    violated('I1 stuck', `still ${run.state}`)
    return found
  }
  told(evidence, run, violated)
  drafted(evidence, run, violated)
  doubled(evidence, violated)
  quietAfterwards(evidence, run, violated)
  bought(evidence, run, violated)
  audited(run, violated)
  stopped(evidence, run, violated)
  return found
}

type Violated = (invariant: Violation['invariant'], says: string) => void

/** The commenter sees an outcome: overview, what became of each variant, a status that is not pending. */
function told({ topics, effects }: Evidence, run: RunFacts, violated: Violated): void {
  if (!topics.includes('overview')) violated('I1 lost', `${run.outcome}, but no overview comment`)
  for (const { index, outcome } of run.variants) {
    if (outcome === 'done' && !topics.includes(`v${index}`))
      violated('I1 lost', `v${index} is done and nobody was told`)
    if (outcome === null) violated('I2', `v${index} has no outcome`)
  }
  const last = effects.filter(({ kind }) => kind === 'status-posted').at(-1)
  if (last?.what === 'pending') violated('I4', 'the status is still pending')
}

/** As many branches and drafts as variants are done; a reason for each that is not. */
function drafted({ drafts, branches }: Evidence, run: RunFacts, violated: Violated): void {
  for (const variant of run.variants) {
    if (variant.outcome !== 'done' && !variant.reason)
      violated('I2', `v${variant.index} is ${variant.outcome} without a reason`)
    if (variant.outcome !== 'done') continue
    if (!drafts.some(draft => draft.pullRequestId === variant.pull_request_id && draft.branch === variant.branch))
      violated('I2', `v${variant.index} is done, but its draft ${variant.pull_request_id} does not stand`)
    if (variant.branch === null || !branches.includes(variant.branch))
      violated('I2', `the branch of v${variant.index} is not there`)
  }
  for (const { pullRequestId } of drafts) {
    if (!run.variants.some(variant => variant.pull_request_id === pullRequestId))
      violated('I8 duplicated', `draft ${pullRequestId} belongs to no variant`)
  }
}

/** Whoever wrote /cancel is answered, and no work begins after that. */
function stopped({ asked, topics }: Evidence, run: RunFacts, violated: Violated): void {
  if (asked.cancelledAt !== undefined && !topics.some(topic => topic.startsWith('answer/')))
    violated('I1 lost', '/cancel was not answered')
  if (run.late_work.length > 0) violated('I5', `after the cancellation: ${run.late_work.join(', ')}`)
  if (run.outcome === 'cancelled' && run.cancelled_at === null) violated('I7', 'cancelled by nobody')
}

function doubled({ topics, effects }: Evidence, violated: Violated): void {
  const once: Record<string, string[]> = {
    comment: topics,
    'branch made': effects.filter(({ kind }) => kind === 'branch-created').map(({ what }) => what),
    commit: effects.filter(({ kind }) => kind === 'commit-pushed').map(({ what }) => what),
    status: effects.filter(({ kind }) => kind === 'status-posted').map(({ what }) => what),
  }
  for (const [thing, names] of Object.entries(once)) {
    for (const name of new Set(names)) {
      const times = names.filter(one => one === name).length
      if (times > 1) violated('I8 duplicated', `${thing} ${name}: ${times} times`)
    }
  }
}

function quietAfterwards({ effects }: Evidence, run: RunFacts, violated: Violated): void {
  const ended = (run.ended_at ?? 0) + slackMs
  for (const { at, kind, what } of effects) {
    if (at > ended) violated('I5', `${kind} ${what} ${Math.round(at - (run.ended_at ?? 0))} ms after the end`)
  }
}

/** Once the last answer of a variant is stored, nobody asks the model for it again. */
function bought({ calls }: Evidence, run: RunFacts, violated: Violated): void {
  for (const variant of new Set(calls.map(call => call.variant))) {
    const own = calls.filter(call => call.variant === variant)
    const stored = run.answers.filter(answer => answer.variant === variant).map(({ at }) => at)
    const last = Math.max(...stored)
    const again = own.filter(call => stored.length > 0 && call.at > last + slackMs)
    if (again.length > 0) violated('I8 duplicated', `an answer for v${variant} was bought again after it was stored`)
    if (stored.length > mostAnswers) violated('I6', `v${variant} took ${stored.length} answers`)
  }
}

/** Generations only rise, nothing follows the end, and no state comes twice. */
function audited({ events }: RunFacts, violated: Violated): void {
  const kinds = events.map(({ kind }) => kind)
  if (kinds[0] !== 'accepted') violated('I7', `begins with ${kinds[0]}`)
  if (kinds.at(-1) !== 'ended') violated('I7', `ends with ${kinds.at(-1)}`)
  for (const kind of ['accepted', 'admit', 'planned', 'ended']) {
    if (kinds.filter(one => one === kind).length > 1) violated('I7', `${kind} more than once`)
  }
  const dispatched = events.filter(({ kind }) => kind === 'dispatched').map(({ generation }) => generation ?? 0)
  if (dispatched.some((generation, at) => at > 0 && generation <= (dispatched[at - 1] ?? 0)))
    violated('I7', `generations ${dispatched.join(', ')}`)
}
