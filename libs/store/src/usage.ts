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
  usageOf(runId: string): Promise<Usage[]>
  /**
   * Before the step completes: after its last byte no crash buys an answer again, or forgets what it cost. The first one of a
   * call stays. @returns the answer that is stored
   */
  saveAnswer(of: Usage & { answer: JsonValue }): Promise<JsonValue>
  /** The stored answer of a call, if it was bought. */
  answer(of: ModelCall): Promise<JsonValue | undefined>
}

export function usagePart(db: Database): UsagePart {
  return {
    usageOf: runId => usageOf(db, runId),
    saveAnswer: of => saveAnswer(db, of),
    answer: of => answer(db, of),
  }
}

async function saveAnswer(db: Database, of: Usage & { answer: JsonValue }): Promise<JsonValue> {
  const { numAffectedRows } = await sql`
    WITH noted AS (
      INSERT INTO usage (run_id, variant, call, model, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens,
        cost_usd, stop)
      VALUES (${of.runId}, ${of.variant}, ${of.call}, ${of.model}, ${of.inputTokens}, ${of.outputTokens},
        ${of.cacheReadTokens}, ${of.cacheWriteTokens}, ${of.costUsd}, ${of.stop})
      ON CONFLICT DO NOTHING)
    INSERT INTO model_answers (run_id, variant, call, answer)
    VALUES (${of.runId}, ${of.variant}, ${of.call}, ${jsonb(of.answer)}) ON CONFLICT DO NOTHING`.execute(db)
  if (numAffectedRows === 1n) return of.answer
  const first = await answer(db, of)
  if (first === undefined) throw new Error(`the answer of call ${of.call} was neither stored nor known`)
  return first
}

async function answer(db: Database, of: ModelCall): Promise<JsonValue | undefined> {
  const row = await db
    .selectFrom('model_answers')
    .select('answer')
    .where('run_id', '=', of.runId)
    .where('variant', '=', of.variant)
    .where('call', '=', of.call)
    .executeTakeFirst()
  return row?.answer
}

const usageColumns = [
  'run_id',
  'variant',
  'call',
  'model',
  'input_tokens',
  'output_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'cost_usd',
  'stop',
] as const

async function usageOf(db: Database, runId: string): Promise<Usage[]> {
  const rows = await db
    .selectFrom('usage')
    .select(usageColumns)
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
