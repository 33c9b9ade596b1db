import type { Clock } from '../clock.ts'
import { type Happening, type Happenings, idsOf } from './happening.ts'

export interface LedgerRequest {
  n: number
  /** ISO */
  at: string
  kind: 'request'
  method: string
  path: string
  /** null when the connection was cut instead of answered */
  status: number | null
  user: string | null
  fault: string | null
  durationMs: number
}

export interface LedgerEffect {
  n: number
  at: string
  kind: Happening['kind']
  ids: Record<string, string | number>
  user: string
}

export interface LedgerDelivery {
  n: number
  at: string
  kind: 'delivery'
  subscriptionId: string
  notificationId: number
  eventId: string
  attempt: number
  /** null when nobody answered */
  status: number | null
}

export type LedgerEntry = LedgerRequest | LedgerEffect | LedgerDelivery
type Unnumbered<T> = T extends LedgerEntry ? Omit<T, 'n' | 'at'> : never

/** What reached the emulator, what it changed, and what it sent: the record other tests assert on. */
export interface Ledger {
  add(entry: Unnumbered<LedgerEntry>): void
  /** since: entries after this number. kind: one kind, or 'effect' for all changes */
  entries(query?: { since?: number; kind?: string }): LedgerEntry[]
  effects(kind?: Happening['kind']): LedgerEffect[]
  clear(): void
}

function isEffect(entry: LedgerEntry): entry is LedgerEffect {
  return entry.kind !== 'request' && entry.kind !== 'delivery'
}

export function createLedger(clock: Clock, happenings: Happenings): Ledger {
  const entries: LedgerEntry[] = []
  let n = 0

  function add(entry: Unnumbered<LedgerEntry>) {
    n += 1
    entries.push({ n, at: new Date(clock.now()).toISOString(), ...entry })
  }
  happenings.on(happening => add({ kind: happening.kind, ids: idsOf(happening), user: happening.by.name }))

  return {
    add,
    entries({ since = 0, kind } = {}) {
      const fits = (entry: LedgerEntry) =>
        kind === undefined || (kind === 'effect' ? isEffect(entry) : entry.kind === kind)
      return entries.filter(entry => entry.n > since && fits(entry))
    },
    effects: kind => entries.filter(isEffect).filter(entry => kind === undefined || entry.kind === kind),
    clear: () => {
      entries.length = 0
    },
  }
}
