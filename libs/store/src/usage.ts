import { sql } from 'kysely'
import type { Database } from './database.ts'
import { type JsonValue, jsonb } from './json.ts'

/** One model call. Variant 0 is the run's plan; calls count from 1 within a variant. */
export type ModelCall = { runId: string; variant: number; call: number }

export type Usage = ModelCall & {
  model: string
  inputTokens: number
  outputTokens: number
  cacheReadTokens: number
  cacheWriteTokens: number
  /** null when the model has no price in the configuration */
  costUsd: number | null
  /** Why the answer ended, in the model's word. */
  stop: string
}

export type UsagePart = {
  /** The first record of a call counts. */
  recordUsage(usage: Usage): Promise<void>
  usageOf(runId: string): Promise<Usage[]>
  /** Before the step completes: after its last byte no crash buys an answer again. The first one of a call stays. @returns what is stored */
  saveConversation(of: ModelCall & { answer: JsonValue }): Promise<JsonValue>
  /** The stored answers of a variant, in the order of their calls. */
  conversation(of: { runId: string; variant: number }): Promise<{ call: number; answer: JsonValue }[]>
}

export function usagePart(db: Database): UsagePart {
  return {
    recordUsage: usage => recordUsage(db, usage),
    usageOf: runId => usageOf(db, runId),
    saveConversation: async of => {
      await sql`INSERT INTO model_answers (run_id, variant, call, answer)
        VALUES (${of.runId}, ${of.variant}, ${of.call}, ${jsonb(of.answer)}) ON CONFLICT DO NOTHING`.execute(db)
      const stored = await db
        .selectFrom('model_answers')
        .select('answer')
        .where('run_id', '=', of.runId)
        .where('variant', '=', of.variant)
        .where('call', '=', of.call)
        .executeTakeFirstOrThrow()
      return stored.answer
    },
    conversation: async of =>
      await db
        .selectFrom('model_answers')
        .select(['call', 'answer'])
        .where('run_id', '=', of.runId)
        .where('variant', '=', of.variant)
        .orderBy('call')
        .execute(),
  }
}

async function recordUsage(db: Database, usage: Usage): Promise<void> {
  await sql`
    INSERT INTO usage (run_id, variant, call, model, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens,
      cost_usd, stop)
    VALUES (${usage.runId}, ${usage.variant}, ${usage.call}, ${usage.model}, ${usage.inputTokens}, ${usage.outputTokens},
      ${usage.cacheReadTokens}, ${usage.cacheWriteTokens}, ${usage.costUsd}, ${usage.stop})
    ON CONFLICT DO NOTHING`.execute(db)
}

async function usageOf(db: Database, runId: string): Promise<Usage[]> {
  const rows = await db
    .selectFrom('usage')
    .selectAll()
    .where('run_id', '=', runId)
    .orderBy('variant')
    .orderBy('call')
    .execute()
  return rows.map(row => ({
    runId: row.run_id,
    variant: row.variant,
    call: row.call,
    model: row.model,
    inputTokens: row.input_tokens,
    outputTokens: row.output_tokens,
    cacheReadTokens: row.cache_read_tokens,
    cacheWriteTokens: row.cache_write_tokens,
    costUsd: row.cost_usd,
    stop: row.stop,
  }))
}
