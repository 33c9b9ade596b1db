import {
  azureTroubles,
  classOf,
  crashPlaces,
  type Fault,
  type FaultKind,
  modelTroubles,
  type Server,
  troubledApps,
} from './fault.ts'
import { type Random, randomOf } from './random.ts'

/** What is asked and what goes wrong meanwhile; `atMs` counts from the beginning of the schedule. */
export type Schedule = {
  seed: number
  requests: Request[]
  faults: { atMs: number; fault: Fault }[]
}

type Request = {
  atMs: number
  pullRequest: number
  variants: number
  intent: string
  /** Alice, if not given; the reader may not contribute. */
  user?: 'alice' | 'reader'
  /** Somebody writes /cancel in its thread so long after it was asked for. */
  cancelAfterMs?: number
}

const colours = ['red', 'green', 'blue', 'orange', 'purple', 'pink', 'teal', 'navy', 'crimson']
const latestRequestMs = 1_500
const latestFaultMs = 5_000
const latestCancelMs = 4_000
const cancelledShare = 0.12
const newShare = 0.5

/**
 * @param only classes of faults (see classOf) or kinds to draw from; all if not given, and then some requests are cancelled
 * @param most how many faults there may be
 */
export function scheduleOf(seed: number, only?: readonly string[], most = Number.POSITIVE_INFINITY): Schedule {
  const random = randomOf(seed)
  const requests = Array.from({ length: random.whole(3, 4) }, (_, index) => ({
    atMs: index === 0 ? 0 : random.whole(0, latestRequestMs),
    pullRequest: random.whole(0, 1),
    variants: random.whole(1, 3),
    intent: `make the buttons ${random.pick(colours)} for ticket t${seed}n${index + 1}`,
  }))
  const faults = Array.from({ length: random.whole(1, 4) }, () => ({
    atMs: random.whole(100, latestFaultMs),
    fault: drawFault(random, only),
  }))
  // Numbers of its own: it came later, and the schedules of former seeds stay what they were.
  const later = randomOf(seed ^ 0x10575eed)
  const lost = { atMs: later.whole(0, 800), fault: { kind: 'events-lost' as const, ms: later.whole(500, 2_000) } }
  if (!only && later.next() < 0.1) faults.push(lost)
  if (!only && later.next() < newShare) {
    faults.push({ atMs: later.whole(100, latestFaultMs), fault: faultOf(later.pickWeighted(newWeights), later) })
  }
  const kept = withoutClashes(faults).slice(0, most)
  return { seed, requests: requests.map(one => maybeCancelled(one, later)), faults: inOrder(kept) }
}

/** The same requests, and nothing goes wrong. */
export function undisturbed({ seed, requests }: Schedule): Schedule {
  const calm = requests.map(one => ({ ...one, intent: one.intent.replace('ticket t', 'calm ticket c') }))
  return { seed, requests: calm, faults: [] }
}

function inOrder(faults: Schedule['faults']): Schedule['faults'] {
  return faults.toSorted((a, b) => a.atMs - b.atMs)
}

function maybeCancelled(request: Request, random: Random): Request {
  const cancelAfterMs = random.whole(0, latestCancelMs)
  return random.next() < cancelledShare ? { ...request, cancelAfterMs } : request
}

/** A place is armed once, each server dies one way at a time, and one clock is wrong. */
function withoutClashes(faults: Schedule['faults']): Schedule['faults'] {
  const group = ({ kind }: Fault) =>
    kind === 'crash' || kind === 'clock' || /^(redis|postgres)-/.test(kind) ? kind.split('-')[0] : undefined
  return faults.filter(
    ({ fault }, at) =>
      group(fault) === undefined || faults.findIndex(other => group(other.fault) === group(fault)) === at,
  )
}

const weights: readonly (readonly [number, FaultKind])[] = [
  [5, 'crash'],
  [4, 'kill'],
  [2, 'terminate'],
  [1, 'kill-both'],
  [1, 'redis-restart'],
  [2, 'redis-flush'],
  [0.5, 'redis-script-flush'],
  [1, 'redis-tail-cut'],
  [1, 'redis-failover'],
  [1, 'connections-reset'],
  [0.5, 'half-open-for-good'],
  [1.5, 'cut'],
  [1, 'half-open'],
  [0.5, 'slice'],
  [1, 'latency'],
  [4, 'azure'],
  [3, 'model'],
  [1.5, 'replay'],
]

/** Drawn for one schedule in two, besides the others. */
const newWeights: readonly (readonly [number, FaultKind])[] = [
  [3, 'clock'],
  [2, 'redis-memory-full'],
  [2, 'redis-disk-full'],
  [2, 'postgres-restart'],
  [1, 'postgres-disk-full'],
]

function isWanted(fault: Fault, only: readonly string[] | undefined): boolean {
  return !only || only.some(name => fault.kind === name || classOf(fault).startsWith(name))
}

function drawFault(random: Random, only: readonly string[] | undefined): Fault {
  const kinds = only ? [...weights, ...newWeights, [1, 'events-lost'] as const] : weights
  for (let tries = 0; tries < 2_000; tries++) {
    const fault = faultOf(random.pickWeighted(kinds), random)
    if (isWanted(fault, only)) return fault
  }
  throw new Error(`no fault is called ${only?.join(' or ')}`)
}

function faultOf(kind: FaultKind, random: Random): Fault {
  const pauseMs = random.pick([0, 300, 1_500, 4_000])
  const of: Server = random.pick(['redis', 'postgres'])
  const ms = random.whole(300, 3_000)
  switch (kind) {
    case 'crash':
      return { kind, place: random.pick(crashPlaces) }
    case 'kill':
    case 'terminate':
      return { kind, app: random.pick(troubledApps), which: random.whole(0, 1), pauseMs }
    case 'kill-both':
      return { kind, app: random.pick(troubledApps), pauseMs }
    case 'redis-restart':
      return { kind, pauseMs }
    case 'redis-flush':
    case 'redis-script-flush':
      return { kind }
    case 'redis-tail-cut':
      return { kind, share: random.pick([0.05, 0.2, 0.5]), pauseMs }
    case 'redis-failover':
      return { kind, lostMs: random.pick([0, 200, 1_000]) }
    case 'connections-reset':
    case 'half-open-for-good':
      return { kind, of }
    case 'cut':
    case 'half-open':
    case 'slice':
      return { kind, of, ms }
    case 'latency':
      return { kind, of, latencyMs: random.pick([20, 100, 300]), ms }
    case 'azure':
      return azureFault(random)
    case 'model':
      return { kind, trouble: random.pick(modelTroubles), variant: random.whole(0, 3), times: random.whole(1, 3) }
    case 'replay':
      return { kind, times: random.whole(1, 20) }
    case 'events-lost':
    case 'redis-memory-full':
    case 'redis-disk-full':
    case 'postgres-disk-full':
      return { kind, ms }
    case 'postgres-restart':
      return { kind, pauseMs }
    case 'clock':
      return { kind, app: random.pick(troubledApps), seconds: random.pick([-600, 600]), ms: ms * 2 }
  }
}

const calls = [
  ['POST', '/comments'],
  ['PATCH', '/comments/'],
  ['POST', '/pushes'],
  ['POST', '/pullrequests?'],
  ['POST', '/statuses'],
  ['PATCH', '/threads/'],
  ['GET', '/threads/'],
  ['GET', '/refs'],
  ['GET', '/pullrequests'],
] as const

function azureFault(random: Random): Fault {
  const [method, path] = random.pick(calls)
  // What was sent and does not happen at once happens while the lease still lasts: later, nobody could tell.
  const ms = random.whole(200, 1_200)
  const trouble = random.pick(azureTroubles)
  return { kind: 'azure', trouble, method, path, nth: random.whole(1, 3), times: random.whole(1, 2), ms }
}
