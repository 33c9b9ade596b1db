import { sql } from 'kysely'
import { commit } from './effect-kinds.ts'

/** A push that nobody heard the answer of may still arrive this long after its run ended. */
const lateSeconds = 60

/**
 * Part of the statement that ends a run, `moved`: what was pushed for variants without a draft is somebody's to remove, and
 * this says so in the same breath. Pushes of which nobody knows whether they happened are looked for later; so is a first
 * status that may yet land, or the last one that nobody got to say.
 */
export const cleanUpDue = sql`
  cleaning AS (
    INSERT INTO tasks (id, kind, unique_key, payload, due_at, trace_context)
    SELECT gen_random_uuid(), 'clean-up-branches', 'clean-up-branches/' || moved.id,
      jsonb_build_object('runId', moved.id, 'status', bool_or(effects.kind = 'status-pending')),
      CASE WHEN bool_and(effects.kind = ${commit} AND effects.state = 'done') THEN now()
        ELSE now() + make_interval(secs => ${lateSeconds}) END,
      (SELECT trace_context FROM runs WHERE runs.id = moved.id)
    FROM moved JOIN effects ON effects.owner_id = moved.id
      LEFT JOIN variants ON variants.run_id = moved.id AND variants.index = effects.variant
    WHERE (effects.kind = ${commit} AND variants.outcome IS DISTINCT FROM 'done')
      OR (effects.kind = 'status-pending' AND (effects.uncertain OR NOT EXISTS (SELECT FROM effects final
        WHERE final.owner_id = moved.id AND final.kind = 'status-final' AND final.state = 'done')))
    GROUP BY moved.id ON CONFLICT (unique_key) DO NOTHING)`
