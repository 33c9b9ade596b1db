import { readdir } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault } from './fault.ts'
import { disarm, inflict, type Scene } from './inflict.ts'
import type { Installation } from './installation.ts'
import { randomOf } from './random.ts'
import type { Schedule } from './schedule.ts'

export type Asked = {
  pullRequestId: number
  threadId: number
  commentId: number
  variants: number
  intent: string
  at: number
  /** When /cancel was written in its thread, if it was. */
  cancelledAt: number | undefined
}
/** `struckAt` is undefined for a trap that nobody stepped into. */
export type Struck = { fault: Fault; at: number; struckAt: number | undefined }

/** What was done to an installation; times in ms since 1970. */
export type Played = {
  seed: number
  beganAt: number
  /** The first of the ledger's entries that belong to this schedule is younger than this. */
  ledgerFrom: number
  asked: Asked[]
  struck: Struck[]
  /** Processes that ended without being told to. */
  unexplained: string[]
  /** The time was over while things still moved: what has not ended says nothing. */
  unfinished: boolean
}

type Patience = {
  /** Stuck is what has not moved for so long. */
  stillMs: number
  /** On performance.now()'s clock: whatever moves then is left unfinished. */
  endsAt: number
}

const lookEveryMs = 20
/** A start takes a second; on a machine that has much else to do, minutes. */
const comesBackMs = 300_000

/** Plays a schedule and returns once every run it began has ended, none has moved for long, or the time is over. */
export async function play(installation: Installation, schedule: Schedule, patience: Patience): Promise<Played> {
  const { azure } = installation
  await everybodyUp(installation)
  installation.unexplainedEnds()
  const scene: Scene = {
    installation,
    tag: `ticket t${schedule.seed}n`,
    firstDelivery: azure.hooks.subscriptions[0]?.notifications.length ?? 0,
    random: randomOf(schedule.seed ^ 0x5eed),
  }
  const ledgerFrom = azure.ledger.entries().at(-1)?.n ?? 0
  const beganAt = Date.now()
  const asking = schedule.requests.map(async request => {
    await sleep(request.atMs)
    return await ask(installation, request)
  })
  const possible = schedule.faults.filter(
    ({ fault }) => !installation.impossible.some(({ kind }) => kind === fault.kind),
  )
  const striking = possible.map(({ atMs, fault }) => strike(scene, { atMs, fault }))
  const over = new AbortController()
  const crashes = watchCrashes(installation, over.signal)
  const asked = await Promise.all(asking)
  const inflicted = await Promise.all(striking)
  const unfinished = !(await settled(installation, asked, patience))
  over.abort()
  const reached = await crashes
  const struck = inflicted.map(one => ({ ...one, struckAt: struckAt(scene, one, ledgerFrom, reached) }))
  await disarm(installation)
  await everybodyUp(installation)
  // Whoever died at a crash point is explained by it.
  const unexplained = installation.unexplainedEnds().slice(reached.size)
  return { seed: schedule.seed, beganAt, ledgerFrom, asked, struck, unexplained, unfinished }
}

async function ask({ azure, pullRequests }: Installation, request: Schedule['requests'][number]): Promise<Asked> {
  const { variants, intent, user = 'alice' } = request
  const pullRequestId = pullRequests[request.pullRequest] ?? 0
  const at = Date.now()
  const posted = await azure.postComment({ pullRequestId, user, content: `/edit /${variants} ${intent}` })
  const asked = { pullRequestId, ...posted, variants, intent, at }
  if (request.cancelAfterMs === undefined) return { ...asked, cancelledAt: undefined }
  await sleep(request.cancelAfterMs)
  const cancelledAt = Date.now()
  await azure.postComment({ pullRequestId, threadId: posted.threadId, user: 'alice', content: '/cancel' })
  return { ...asked, cancelledAt }
}

async function strike(
  scene: Scene,
  { atMs, fault }: Schedule['faults'][number],
): Promise<{ fault: Fault; at: number }> {
  await sleep(atMs)
  const at = Date.now()
  await inflict(scene, fault).catch(error => {
    throw new Error(`could not inflict ${JSON.stringify(fault)}`, { cause: error })
  })
  return { fault, at }
}

/** By place, when a process died there. */
async function watchCrashes({ crashDir }: Installation, over: AbortSignal): Promise<Map<string, number>> {
  const reached = new Map<string, number>()
  while (!over.aborted) {
    // The folder is gone when everything is taken down in between.
    for (const name of await readdir(crashDir).catch(() => [])) {
      const place = name.replace('.reached', '')
      if (place !== name && !reached.has(place)) reached.set(place, Date.now())
    }
    await sleep(lookEveryMs)
  }
  return reached
}

/** @returns false if the time was over before all had ended or stood still */
async function settled({ database }: Installation, asked: Asked[], { stillMs, endsAt }: Patience): Promise<boolean> {
  let movedAt = performance.now()
  let moves = -1
  while (performance.now() - movedAt < stillMs) {
    const found = await database
      .query<{ ended: number; unanswered: number; moves: number }>(howFar, [
        asked.map(one => one.pullRequestId),
        asked.map(one => one.threadId),
      ])
      // Postgres is one of those that die.
      .catch(() => ({ rows: [] }))
    const [now] = found.rows
    if (now?.ended === asked.length && now.unanswered === 0) return true
    if (performance.now() > endsAt) return false
    if (now && now.moves !== moves) {
      movedAt = performance.now()
      moves = now.moves
    }
    await sleep(100)
  }
  return true
}

/** What counts as a move has an end: changes of state, effects made, answers stored. Being begun again is none. */
const howFar = `
  WITH mine AS (
    SELECT id, state FROM runs WHERE (pull_request_id, thread_id) IN (SELECT * FROM unnest($1::int[], $2::int[])))
  SELECT (SELECT count(*)::int FROM mine WHERE state = 'ended') AS ended,
    (SELECT count(*)::int FROM tasks WHERE kind = 'answer-comment' AND state = 'open') AS unanswered,
    (SELECT count(*)::int FROM mine)
      + (SELECT count(*)::int FROM events WHERE run_id IN (SELECT id FROM mine) AND kind NOT IN ('dispatched', 'due-again'))
      + (SELECT count(*)::int FROM effects WHERE owner_id IN (SELECT id FROM mine) AND state = 'done')
      + (SELECT count(*)::int FROM model_answers WHERE run_id IN (SELECT id FROM mine)) AS moves`

async function everybodyUp({ fleet }: Installation): Promise<void> {
  const until = Date.now() + comesBackMs
  while (!fleet.processes().every(({ pid }) => isAlive(pid))) {
    if (Date.now() > until) throw new Error('a process of the fleet does not come back')
    await sleep(50)
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

function struckAt(
  { installation, tag }: Scene,
  { fault, at }: { fault: Fault; at: number },
  ledgerFrom: number,
  reached: Map<string, number>,
): number | undefined {
  if (fault.kind === 'crash') return reached.get(fault.place)
  if (fault.kind === 'model') {
    return installation.model.calls().find(call => call.source === 'fault' && call.intent.includes(tag))?.at
  }
  if (fault.kind !== 'azure') return at
  for (const entry of installation.azure.ledger.entries({ since: ledgerFrom, kind: 'request' })) {
    if (entry.kind !== 'request' || entry.fault === null || entry.method !== fault.method) continue
    if (entry.path.toLowerCase().includes(fault.path)) return Date.parse(entry.at)
  }
  return undefined
}
