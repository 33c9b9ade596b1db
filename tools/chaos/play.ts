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
}

const lookEveryMs = 20

/** Plays a schedule and returns once every run it began has ended, or the patience is over. */
export async function play(installation: Installation, schedule: Schedule, patienceMs: number): Promise<Played> {
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
  const striking = schedule.faults.map(({ atMs, fault }) => strike(scene, { atMs, fault }))
  const over = new AbortController()
  const crashes = watchCrashes(installation, over.signal)
  const asked = await Promise.all(asking)
  const inflicted = await Promise.all(striking)
  await settled(installation, asked, patienceMs)
  over.abort()
  const reached = await crashes
  const struck = inflicted.map(one => ({ ...one, struckAt: struckAt(scene, one, ledgerFrom, reached) }))
  await disarm(installation)
  await everybodyUp(installation)
  // Whoever died at a crash point is explained by it.
  const unexplained = installation.unexplainedEnds().slice(reached.size)
  return { seed: schedule.seed, beganAt, ledgerFrom, asked, struck, unexplained }
}

async function ask({ azure, pullRequests }: Installation, request: Schedule['requests'][number]): Promise<Asked> {
  const { variants, intent } = request
  const pullRequestId = pullRequests[request.pullRequest] ?? 0
  const at = Date.now()
  const posted = await azure.postComment({ pullRequestId, user: 'alice', content: `/edit /${variants} ${intent}` })
  return { pullRequestId, ...posted, variants, intent, at }
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

async function settled({ database }: Installation, asked: Asked[], patienceMs: number): Promise<void> {
  const until = Date.now() + patienceMs
  while (Date.now() < until) {
    const { rows } = await database.query<{ ended: number }>(
      `SELECT count(*)::int AS ended FROM runs WHERE state = 'ended' AND (pull_request_id, thread_id) IN
        (SELECT * FROM unnest($1::int[], $2::int[]))`,
      [asked.map(one => one.pullRequestId), asked.map(one => one.threadId)],
    )
    if (rows[0]?.ended === asked.length) return
    await sleep(100)
  }
}

async function everybodyUp({ fleet }: Installation): Promise<void> {
  const until = Date.now() + 30_000
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
