import type { Task } from './conversation.ts'
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

/** Prompts are large: only the newest ones stay in memory. */
const bodiesKept = 200

export interface CallLog {
  calls: CallRecord[]
  /** Counts a call and tells the how manieth of its variant it is. */
  identify(task: Task): Task & { attempt: number }
  add(
    call: Pick<CallRecord, 'protocol' | 'path' | 'model' | 'source' | 'status' | 'body'>,
    task: Task & { attempt: number },
  ): CallRecord
}

export function createCallLog(clock: () => number): CallLog {
  const calls: CallRecord[] = []
  const attempts = new Map<string, number>()
  return {
    calls,
    identify(task) {
      // Clients without the header are told apart by what they want.
      const key = JSON.stringify([task.runId || task.intent, task.variant])
      const attempt = (attempts.get(key) ?? 0) + 1
      attempts.set(key, attempt)
      return { ...task, attempt }
    },
    add(call, { runId, variant, attempt, intent }) {
      const none = { stop: undefined, outcome: undefined, usage: undefined }
      const record = { ...call, runId, variant, attempt, intent, number: calls.length + 1, at: clock(), ...none }
      calls.push(record)
      const faded = calls.at(-bodiesKept - 1)
      if (faded) faded.body = undefined
      return record
    },
  }
}
