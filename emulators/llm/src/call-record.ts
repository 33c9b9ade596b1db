import type { StopReason } from './script.ts'
import type { Outcome } from './wire.ts'

/** One HTTP call that asked for an answer, as tests look at it. */
export interface CallRecord {
  number: number
  protocol: 'anthropic' | 'chat'
  path: string
  /** Milliseconds since 1970, by the emulator's clock. */
  at: number
  model: string
  runId: string
  variant: number | undefined
  attempt: number
  intent: string
  /** Who decided the answer. */
  source: 'author' | 'script' | 'fault' | 'refused'
  status: number
  stop: StopReason | undefined
  /** Undefined while the answer is under way. */
  outcome: Outcome | undefined
  usage: { inputTokens: number; outputTokens: number; cacheReadTokens: number; cacheWriteTokens: number } | undefined
  /** The request's parsed body; only the newest calls keep theirs. */
  body: unknown
}
