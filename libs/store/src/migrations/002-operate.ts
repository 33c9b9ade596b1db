import { type Kysely, sql } from 'kysely'

/** What those on call need: to pause, to begin a failed request again, to forget. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  // An empty repository stands for all of the organisation: NULL could not be part of the key.
  `CREATE TABLE pauses (
    organisation text NOT NULL,
    repository_id text NOT NULL DEFAULT '',
    reason text NOT NULL,
    paused_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organisation, repository_id)
  )`,
  `ALTER TABLE runs ADD COLUMN retry int NOT NULL DEFAULT 0 CHECK (retry >= 0)`,
  `ALTER TABLE runs ADD COLUMN forgotten_at timestamptz`,
  `ALTER TABLE runs DROP CONSTRAINT runs_request`,
  `ALTER TABLE runs ADD CONSTRAINT runs_request
    UNIQUE (organisation, repository_id, pull_request_id, thread_id, comment_id, retry)`,
]
