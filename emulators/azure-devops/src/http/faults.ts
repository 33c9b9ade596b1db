import { z } from 'zod'
import type { Clock } from '../clock.ts'

const action = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('delay'), ms: z.number().min(0) }),
  z.object({ kind: z.literal('delayInside200'), ms: z.number().min(0), retryAfterSeconds: z.number().optional() }),
  z.object({
    kind: z.literal('status'),
    status: z.number().int().min(400).max(599),
    retryAfterSeconds: z.number().optional(),
    /** the effect happens although the answer says otherwise */
    afterEffect: z.boolean().default(false),
  }),
  z.object({ kind: z.literal('signInPage') }),
  z.object({ kind: z.literal('cutBefore') }),
  z.object({ kind: z.literal('cutAfter') }),
  z.object({ kind: z.literal('slowBody'), ms: z.number().min(0), pieces: z.number().int().min(1).default(10) }),
  z.object({
    kind: z.literal('lateEffect'),
    ms: z.number().min(0),
    /** what the client sees meanwhile: a cut connection, a 504, or silence until it gives up */
    answer: z.enum(['cut', '504', 'hang']).default('cut'),
  }),
])

const rule = z.object({
  method: z.string().optional(),
  /** part of the path, or a regular expression between slashes, against path and query */
  path: z.string().optional(),
  user: z.string().optional(),
  /** begins with the nth match, from 1 */
  nth: z.number().int().min(1).optional(),
  /** how often; once if nth is given, else always */
  times: z.number().int().min(1).optional(),
  probability: z.number().min(0).max(1).optional(),
  seed: z.number().int().default(1),
  action,
})
export type FaultRule = z.input<typeof rule>

// { action: 'delay', ms: 5 } is the same as { action: { kind: 'delay', ms: 5 } }
const shorthand = z.preprocess(value => {
  if (typeof value !== 'object' || value === null || !('action' in value) || typeof value.action !== 'string')
    return value
  return { ...value, action: { ...value, kind: value.action } }
}, rule)

export interface Fault {
  id: number
  rule: z.infer<typeof rule>
  matched: number
  applied: number
}

export interface Faults {
  /** throws a ZodError that names what is wrong with the rule */
  add(rule: FaultRule): Fault
  addUnknown(rule: unknown): Fault
  list(): Fault[]
  clear(id?: number): void
  /** the first rule that strikes this request, counted as used */
  strike(request: { method: string; path: string; user: string | null }): Fault | undefined
}

/** mulberry32: small, seeded, good enough to choose requests by */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

function pathTest(path: string | undefined): (given: string) => boolean {
  if (path === undefined) return () => true
  const pattern = /^\/(.*)\/([a-z]*)$/s.exec(path)
  // '/a/b/' could be either; what is a path of the service's looks like one
  if (pattern && /[\\^$*+?()[\]|]/.test(pattern[1] ?? '')) {
    const expression = new RegExp(pattern[1] ?? '', 'i')
    return given => expression.test(given)
  }
  return given => given.toLowerCase().includes(path.toLowerCase())
}

export function createFaults(): Faults {
  let id = 0
  let faults: (Fault & { fits: (path: string) => boolean; random: () => number })[] = []

  function addUnknown(given: unknown): Fault {
    const parsed = shorthand.parse(given)
    id += 1
    const fault = {
      id,
      rule: parsed,
      matched: 0,
      applied: 0,
      fits: pathTest(parsed.path),
      random: randomFrom(parsed.seed),
    }
    faults.push(fault)
    return fault
  }

  return {
    add: addUnknown,
    addUnknown,
    list: () =>
      faults.map(({ id: number, rule: given, matched, applied }) => ({ id: number, rule: given, matched, applied })),
    clear(wanted) {
      faults = wanted === undefined ? [] : faults.filter(fault => fault.id !== wanted)
    },
    strike({ method, path, user }) {
      for (const fault of faults) {
        const { rule: given } = fault
        if (given.method !== undefined && given.method.toUpperCase() !== method) continue
        if (given.user !== undefined && given.user !== user) continue
        if (!fault.fits(path)) continue
        fault.matched += 1
        const times = given.times ?? (given.nth === undefined ? Number.POSITIVE_INFINITY : 1)
        const chosen = given.probability === undefined || fault.random() < given.probability
        if (fault.matched < (given.nth ?? 1) || fault.applied >= times || !chosen) continue
        fault.applied += 1
        return fault
      }
      return undefined
    },
  }
}

/** Headers of the service's rate limiting; `Delay` says that this very request was held back. */
export function rateLimitHeaders(
  clock: Clock,
  { delayMs, retryAfterSeconds }: { delayMs?: number; retryAfterSeconds?: number | undefined },
) {
  return {
    ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }),
    'x-ratelimit-resource': 'AzureDevOps/CommandTSTUs/user',
    ...(delayMs === undefined ? {} : { 'x-ratelimit-delay': String(delayMs / 1000) }),
    'x-ratelimit-limit': '200',
    'x-ratelimit-remaining': '0',
    'x-ratelimit-reset': String(Math.floor(clock.now() / 1000) + (retryAfterSeconds ?? 300)),
  }
}
