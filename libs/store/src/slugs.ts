import { sql } from 'kysely'
import type { Database } from './database.ts'

export type SlugWish = { organisation: string; repositoryId: string; userSegment: string; slug: string; runId: string }

export type Slugs = {
  /** `slug`, else `slug-2`, `slug-3`, …: the first that no run had. A run that has one gets it again. */
  allocateSlug(wish: SlugWish): Promise<string>
  /** Taken outside, by somebody's branch: the run's next allocation moves on. */
  rejectSlug(of: { runId: string; slug: string }): Promise<void>
}

export function slugsPart(db: Database): Slugs {
  return {
    allocateSlug: wish => allocateSlug(db, wish),
    rejectSlug: async of => {
      await sql`UPDATE slugs SET rejected_at = now()
        WHERE run_id = ${of.runId} AND slug = ${of.slug} AND rejected_at IS NULL`.execute(db)
    },
  }
}

async function allocateSlug(db: Database, wish: SlugWish): Promise<string> {
  const own = sql<{ slug: string }>`SELECT slug FROM slugs WHERE run_id = ${wish.runId} AND rejected_at IS NULL`
  // Somebody may take the same name between look and insert; then the next is looked for.
  for (let tries = 0; tries < 50; tries++) {
    const { rows } = await sql<{ slug: string }>`
      WITH own AS (${own}),
      named AS (
        SELECT CASE WHEN n = 1 THEN ${wish.slug}::text ELSE ${wish.slug}::text || '-' || n END AS slug, n
        FROM generate_series(1, 10000) n),
      open AS (
        SELECT slug FROM named WHERE NOT EXISTS (SELECT FROM own) AND NOT EXISTS (
          SELECT FROM slugs WHERE slugs.organisation = ${wish.organisation} AND slugs.repository_id = ${wish.repositoryId}
            AND slugs.user_segment = ${wish.userSegment} AND slugs.slug = named.slug)
        ORDER BY n LIMIT 1),
      taken AS (
        INSERT INTO slugs (organisation, repository_id, user_segment, slug, run_id)
        SELECT ${wish.organisation}, ${wish.repositoryId}, ${wish.userSegment}, slug, ${wish.runId}::uuid FROM open
        ON CONFLICT DO NOTHING RETURNING slug)
      SELECT slug FROM taken UNION ALL SELECT slug FROM own`.execute(db)
    if (rows[0]) return rows[0].slug
  }
  throw new Error(`no free name for ${wish.slug} could be found`)
}
