import { type Kysely, sql } from 'kysely'

/** What each model call may cost, then what it did. No foreign key: what was spent outlives the run it was spent on. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  `CREATE TABLE reservations (
    run_id uuid NOT NULL,
    variant int NOT NULL,
    call int NOT NULL,
    organisation text NOT NULL,
    repository_id text NOT NULL,
    pull_request_id bigint NOT NULL,
    user_id text NOT NULL,
    tokens bigint NOT NULL,
    usd numeric(14, 8) NOT NULL,
    settled_at timestamptz,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (run_id, variant, call)
  )`,
  `CREATE INDEX reservations_by_day ON reservations (organisation, at)`,
  `DROP TABLE budgets`,
]
