import type { PatchChange } from '@code-agent/jobs/run'
import { sql } from 'kysely'
import type { Database } from './database.ts'
import { exactly, jsonb, storable } from './json.ts'
import type { PatchStats } from './schema.ts'

export type Patch = {
  runId: string
  variant: number
  /** Canonical unified diff. */
  diff: string
  changes: PatchChange[]
  stats: PatchStats
  summary: string
  /** Of the resulting files: two variants with the same are one. */
  resultHash: string
}

export type Patches = {
  /** The first patch of a variant stays. @throws Rejected for text that cannot be stored exactly */
  savePatch(patch: Patch): Promise<{ saved: true } | { sameAs: number }>
  patch(of: { runId: string; variant: number }): Promise<Patch | undefined>
}

export function patchesPart(db: Database): Patches {
  return { savePatch: patch => savePatch(db, patch), patch: of => readPatch(db, of) }
}

async function savePatch(db: Database, patch: Patch): Promise<{ saved: true } | { sameAs: number }> {
  exactly('the diff', patch.diff)
  for (const change of patch.changes) {
    exactly('a path', change.path)
    exactly(change.path, change.content ?? '')
  }
  const { numAffectedRows } = await sql`
    INSERT INTO patches (run_id, variant, diff, changes, stats, summary, result_hash)
    VALUES (${patch.runId}, ${patch.variant}, ${patch.diff}, ${jsonb(patch.changes)}, ${jsonb(patch.stats)},
      ${storable(patch.summary)}, ${patch.resultHash})
    ON CONFLICT DO NOTHING`.execute(db)
  if (numAffectedRows === 1n) return { saved: true }
  // Own row first: a variant that has its patch keeps it, whatever was tried now.
  const { rows } = await sql<{ variant: number }>`
    SELECT variant FROM patches
    WHERE run_id = ${patch.runId} AND (variant = ${patch.variant} OR result_hash = ${patch.resultHash})
    ORDER BY variant <> ${patch.variant} LIMIT 1`.execute(db)
  const found = rows[0]
  if (found === undefined) throw new Error('a patch was neither stored nor known')
  return found.variant === patch.variant ? { saved: true } : { sameAs: found.variant }
}

async function readPatch(db: Database, of: { runId: string; variant: number }): Promise<Patch | undefined> {
  const row = await db
    .selectFrom('patches')
    .select(['diff', 'changes', 'stats', 'summary', 'result_hash'])
    .where('run_id', '=', of.runId)
    .where('variant', '=', of.variant)
    .executeTakeFirst()
  if (row === undefined) return undefined
  const { diff, changes, stats, summary } = row
  return { ...of, diff, changes, stats, summary, resultHash: row.result_hash }
}
