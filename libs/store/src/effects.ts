import { sql } from 'kysely'
import { type EffectKey, ownerOf } from './claim.ts'
import type { Database } from './database.ts'
import type { JsonValue } from './json.ts'

export type Effects = {
  /** What is known of an effect; undefined when nobody ever claimed it. `reference` is there once it is done. */
  effect(of: EffectKey): Promise<{ state: 'free' | 'acting' | 'done'; reference: JsonValue } | undefined>
}

export function effectsPart(db: Database): Effects {
  return {
    effect: async of => {
      const { rows } = await sql<{ state: 'free' | 'acting' | 'done'; reference: JsonValue }>`
        SELECT state, reference FROM effects WHERE owner_id = ${ownerOf(of.scope).id} AND variant = ${of.variant ?? 0}
          AND kind = ${of.kind} AND number = ${of.number ?? 1}`.execute(db)
      return rows[0]
    },
  }
}
