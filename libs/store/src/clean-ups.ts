import { sql } from 'kysely'
import { commit } from './effect-kinds.ts'

/** A push that nobody heard the answer of may still arrive this long after its run ended. */
const lateSeconds = 60

/**
 * Part of the statement that ends a run, `moved`: what was pushed for variants without a draft is somebody's to remove, and
 * this says so in the same breath. Pushes of which nobody knows whether they happened are looked for later.
 */
export const cleanUpBranchesDue = sql`
  cleaning AS (
    INSERT INTO tasks (id, kind, unique_key, payload, due_at)
    SELECT gen_random_uuid(), 'clean-up-branches', 'clean-up-branches/' || moved.id, jsonb_build_object('runId', moved.id),
      CASE WHEN bool_and(effects.state = 'done') THEN now() ELSE now() + make_interval(secs => ${lateSeconds}) END
    FROM moved JOIN effects ON effects.owner_id = moved.id AND effects.kind = ${commit}
      JOIN variants ON variants.run_id = moved.id AND variants.index = effects.variant
    WHERE variants.outcome IS DISTINCT FROM 'done'
    GROUP BY moved.id ON CONFLICT (unique_key) DO NOTHING)`
