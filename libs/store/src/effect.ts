import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { Postponed, Rejected, Superseded, Throttled } from '@code-agent/jobs/errors'
import type { z } from 'zod'
import type { Claim, ClaimRequest, Claims } from './claim.ts'
import { placeOf } from './crash-places.ts'
import type { JsonValue } from './json.ts'

/** What is certain after an error: nothing-happened (nobody need look) or nothing-under-way (look, but at once). */
export type Aftermath = 'nothing-happened' | 'nothing-under-way' | 'unknown'

export type EffectRequest<T extends JsonValue> = Omit<ClaimRequest, 'leaseMs' | 'holder'> & {
  /** Who acts, for people who look into the table; made unique here. */
  holder: string
  /** What stands for the effect once it is done, as it is read back. */
  reference: z.ZodType<T>
  /** The store's, or 40 s, if not given. */
  leaseMs?: number
  /** Renews the lease while the act runs, for what streams. */
  renewEveryMs?: number
  /** The act is ended so long after the claim was asked for; the lease less its margin if not given, no limit if it is renewed. */
  timeoutMs?: number
  /** Ends the act from outside: a run cancelled, a process leaving. Only for acts that leave nothing under way when they heed it. */
  signal?: AbortSignal
  /** What an error of the act says about what happened. If not given: see aftermathOf. */
  aftermath?: (error: unknown) => Aftermath
  /** Writes the effect done together with more, in one statement (variantDone); instead of settle. */
  settle?: (done: { holder: string; reference: T }) => Promise<unknown>
}

export type Act<T> = (how: { again: boolean; signal: AbortSignal }) => Promise<T>

/**
 * Makes one effect once: claim, act, settle. Somebody's finished work is adopted.
 * @throws Postponed when somebody else is at it or a gate is closed, Superseded when the run moved on, else what the act threw
 */
export async function withEffect<T extends JsonValue>(
  store: Claims,
  request: EffectRequest<T>,
  act: Act<T>,
): Promise<T> {
  if (!store.aroundEffect) return await effect(store, request, act)
  return await store.aroundEffect(request, tell => effect(store, request, act, tell))
}

async function effect<T extends JsonValue>(
  store: Claims,
  request: EffectRequest<T>,
  act: Act<T>,
  tell: (claim: { state: Claim['state']; again?: boolean }) => void = () => {},
): Promise<T> {
  const askedAt = performance.now()
  const leaseMs = request.leaseMs ?? store.leaseMs ?? 40_000
  const crash = (part: string) => store.crash?.(`${placeOf(request.kind, request.variant)}:${part}`)
  const mine = { ...request, holder: `${request.holder}#${randomUUID()}`, leaseMs }
  crash('before-claim')
  const claim = await store.claim(mine)
  crash('after-claim')
  tell(claim)
  if (claim.state === 'done') return request.reference.parse(claim.reference)
  const again = grantedAgain(claim, request.kind)

  const lease = new AbortController()
  const signals = request.signal ? [lease.signal, request.signal] : [lease.signal]
  const over = new AbortController()
  try {
    const { renewEveryMs, timeoutMs = renewEveryMs ? undefined : leaseMs - marginMs(leaseMs) } = request
    const everyMs = Math.min(renewEveryMs ?? 0, leaseMs / 4)
    if (everyMs) keepLease(store, { ...mine, everyMs }, lease, over.signal).catch(() => {})
    if (timeoutMs) limitTime(timeoutMs - (performance.now() - askedAt), lease, over.signal).catch(() => {})
    const reference = await untilAborted(act({ again, signal: AbortSignal.any(signals) }), lease.signal)
    over.abort()
    crash('after-act')
    const result = await settled(store, mine, reference)
    crash('after-settle')
    return result
  } catch (error) {
    const aftermath = request.signal?.aborted ? 'nothing-under-way' : (request.aftermath ?? aftermathOf)(error)
    // The lease runs out by itself if this fails too.
    if (!lease.signal.aborted && aftermath !== 'unknown') {
      await store.release({ ...mine, certain: aftermath === 'nothing-happened' }).catch(() => {})
    }
    throw error
  } finally {
    over.abort()
  }
}

/** What is asked for in the last moment of a lease must have arrived when it ends. */
function marginMs(leaseMs: number): number {
  return Math.min(5_000, leaseMs / 4)
}

/**
 * An answer came, so nothing is under way any more: the next one looks outside without waiting for the lease to end.
 * Errors may say so themselves by a property `aftermath`. A lost connection or time-out says nothing: it may yet arrive.
 */
function aftermathOf(error: unknown): Aftermath {
  if (typeof error === 'object' && error !== null && 'aftermath' in error) {
    if (error.aftermath === 'nothing-happened' || error.aftermath === 'nothing-under-way') return error.aftermath
  }
  const answered = [Rejected, Throttled, Postponed, Superseded].some(kind => error instanceof kind)
  return answered ? 'nothing-under-way' : 'unknown'
}

function grantedAgain(claim: Exclude<Claim, { state: 'done' }>, kind: string): boolean {
  if (claim.state === 'superseded') throw new Superseded(claim.because)
  if (claim.state === 'held') throw new Postponed(`${kind} is in somebody else's hands`, { until: claim.until })
  if (claim.state === 'gated') throw new Postponed(`${claim.gate} must rest`, { until: claim.until })
  return claim.again
}

async function settled<T extends JsonValue>(
  store: Claims,
  request: EffectRequest<T> & { holder: string },
  reference: T,
): Promise<T> {
  if (request.settle) {
    await request.settle({ holder: request.holder, reference })
    return reference
  }
  const result = await store.settle({ ...request, reference })
  if (result.state === 'lost') throw new Postponed(`${request.kind} was taken over`, { until: result.until })
  return result.mine ? reference : request.reference.parse(result.reference)
}

async function limitTime(ms: number, lease: AbortController, over: AbortSignal): Promise<void> {
  await delay(Math.max(0, ms), undefined, { signal: over, ref: false })
  lease.abort(new Error(`no answer within ${Math.round(ms / 1_000)} s`))
}

type Renewal = ClaimRequest & { everyMs: number }

/** A renewal that fails is tried again while the lease lasts; what is no longer ours is let go at once. */
async function keepLease(store: Claims, of: Renewal, lease: AbortController, over: AbortSignal): Promise<void> {
  let endsAt = performance.now() + of.leaseMs - marginMs(of.leaseMs)
  while (!lease.signal.aborted) {
    await delay(of.everyMs, undefined, { signal: over, ref: false })
    const askedAt = performance.now()
    const kept = await store.renew(of).catch(() => undefined)
    if (kept === true) endsAt = askedAt + of.leaseMs - marginMs(of.leaseMs)
    if (kept === false || performance.now() > endsAt) lease.abort(new Error('the lease was lost'))
  }
}

/** Ends with the lease even if the act does not listen: what it finishes later nobody waits for. */
async function untilAborted<T>(acting: Promise<T>, lost: AbortSignal): Promise<T> {
  acting.catch(() => {})
  const aborted = Promise.withResolvers<never>()
  const abort = () => aborted.reject(lost.reason)
  lost.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([acting, aborted.promise])
  } finally {
    lost.removeEventListener('abort', abort)
  }
}
