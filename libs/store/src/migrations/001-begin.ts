import { type Kysely, sql } from 'kysely'

/** The tables in the order of a run's life. Ids of Azure DevOps are bigint, all times are the database's. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const part of [requests, effects, work, tasks, trail, settings]) {
    for (const statement of part) await sql.raw(statement).execute(db)
  }
}

const requests = [
  `CREATE TABLE runs (
    id uuid PRIMARY KEY,
    organisation text NOT NULL,
    repository_id text NOT NULL,
    pull_request_id bigint NOT NULL,
    thread_id bigint NOT NULL,
    comment_id bigint NOT NULL,
    project_id text NOT NULL,
    requester jsonb NOT NULL,
    comment_text text NOT NULL,
    intent text NOT NULL,
    variant_count int NOT NULL CHECK (variant_count > 0),
    state text NOT NULL DEFAULT 'accepted' CHECK (state IN ('accepted', 'ready', 'running', 'ending', 'ended')),
    outcome text CHECK (outcome IN ('done', 'failed', 'cancelled', 'refused')),
    reason text,
    ending_cause text CHECK (ending_cause IN ('refused', 'failed', 'concluded', 'cancelled', 'deadline', 'stuck')),
    generation int NOT NULL DEFAULT 0,
    dispatched_at timestamptz,
    dispatches_in_state int NOT NULL DEFAULT 0,
    deadline timestamptz,
    admission jsonb,
    overview jsonb,
    trace_context text,
    created_at timestamptz NOT NULL DEFAULT now(),
    started_at timestamptz,
    ended_at timestamptz,
    CONSTRAINT runs_request UNIQUE (organisation, repository_id, pull_request_id, thread_id, comment_id),
    CONSTRAINT runs_ended CHECK (state <> 'ended' OR (outcome IS NOT NULL AND ended_at IS NOT NULL)),
    CONSTRAINT runs_dispatched CHECK (dispatched_at IS NULL OR state <> 'ready')
  )`,
  // The dispatcher walks these by repository; without the partial predicate they would grow with history.
  `CREATE INDEX runs_due ON runs (state, organisation, repository_id, created_at, id)
    WHERE dispatched_at IS NULL AND state <> 'ended'`,
  `CREATE INDEX runs_in_flight ON runs (state, organisation, repository_id)
    WHERE dispatched_at IS NOT NULL AND state <> 'ended'`,
  `CREATE INDEX runs_by_age ON runs (created_at)`,
  `CREATE TABLE variants (
    run_id uuid NOT NULL REFERENCES runs ON DELETE CASCADE,
    index int NOT NULL CHECK (index > 0),
    strategy jsonb,
    outcome text CHECK (outcome IN ('done', 'failed', 'cancelled')),
    reason text,
    reason_class text,
    branch text,
    commit text,
    pull_request_id bigint,
    summary text,
    files int,
    additions int,
    deletions int,
    ended_at timestamptz,
    PRIMARY KEY (run_id, index)
  )`,
  `CREATE TABLE deliveries (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source text NOT NULL,
    delivery_id text NOT NULL,
    event_type text,
    organisation text,
    outcome text NOT NULL,
    reason text,
    run_id uuid,
    task_id uuid,
    received_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (source, delivery_id)
  )`,
  `CREATE TABLE slugs (
    organisation text NOT NULL,
    repository_id text NOT NULL,
    user_segment text NOT NULL,
    slug text NOT NULL,
    run_id uuid NOT NULL,
    rejected_at timestamptz,
    PRIMARY KEY (organisation, repository_id, user_segment, slug)
  )`,
  `CREATE UNIQUE INDEX slugs_of_run ON slugs (run_id) WHERE rejected_at IS NULL`,
  `CREATE TABLE turns (
    lane text NOT NULL,
    organisation text NOT NULL,
    repository_id text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (lane, organisation, repository_id)
  )`,
]

const tasks = [
  `CREATE TABLE tasks (
    id uuid PRIMARY KEY,
    kind text NOT NULL,
    unique_key text NOT NULL UNIQUE,
    payload jsonb NOT NULL,
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'done', 'failed')),
    result jsonb,
    reason text,
    generation int NOT NULL DEFAULT 0,
    dispatched_at timestamptz,
    dispatches int NOT NULL DEFAULT 0,
    due_at timestamptz NOT NULL DEFAULT now(),
    created_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz
  )`,
  `CREATE INDEX tasks_due ON tasks (due_at) WHERE dispatched_at IS NULL AND state = 'open'`,
  `CREATE INDEX tasks_in_flight ON tasks (dispatched_at) WHERE dispatched_at IS NOT NULL AND state = 'open'`,
]

const effects = [
  // One row per effect or model call whatever the generation: the claim is what makes it happen once.
  `CREATE TABLE effects (
    owner text NOT NULL CHECK (owner IN ('run', 'task')),
    owner_id uuid NOT NULL,
    variant int NOT NULL DEFAULT 0,
    kind text NOT NULL,
    number int NOT NULL DEFAULT 1,
    state text NOT NULL CHECK (state IN ('free', 'acting', 'done')),
    guard text NOT NULL CHECK (guard IN ('work', 'report')),
    uncertain boolean NOT NULL DEFAULT false,
    claim_id uuid NOT NULL,
    holder text NOT NULL,
    lease_until timestamptz,
    reference jsonb,
    claims int NOT NULL DEFAULT 1,
    touched_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (owner_id, variant, kind, number),
    CONSTRAINT effects_lease CHECK (state <> 'acting' OR lease_until IS NOT NULL),
    CONSTRAINT effects_reference CHECK (state <> 'done' OR reference IS NOT NULL)
  )`,
  `CREATE TABLE gates (
    name text PRIMARY KEY,
    until timestamptz NOT NULL,
    reason text NOT NULL,
    closed_at timestamptz NOT NULL DEFAULT now()
  )`,
  `CREATE TABLE attempts (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    owner text NOT NULL CHECK (owner IN ('run', 'task')),
    owner_id uuid NOT NULL,
    variant int NOT NULL DEFAULT 0,
    step text NOT NULL,
    generation int NOT NULL,
    job_id text NOT NULL,
    attempt int NOT NULL,
    started_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz,
    outcome text CHECK (outcome IN ('done', 'failed', 'retry', 'postponed', 'superseded')),
    reason_class text,
    message text,
    resumes_at timestamptz,
    CONSTRAINT attempts_ended CHECK ((ended_at IS NULL) = (outcome IS NULL))
  )`,
  `CREATE INDEX attempts_by_owner ON attempts (owner_id, variant, id)`,
]

const work = [
  `CREATE TABLE patches (
    run_id uuid NOT NULL REFERENCES runs ON DELETE CASCADE,
    variant int NOT NULL,
    diff text NOT NULL,
    changes jsonb NOT NULL,
    stats jsonb NOT NULL,
    summary text NOT NULL,
    result_hash text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (run_id, variant),
    UNIQUE (run_id, result_hash)
  )`,
  `CREATE TABLE model_answers (
    run_id uuid NOT NULL REFERENCES runs ON DELETE CASCADE,
    variant int NOT NULL,
    call int NOT NULL,
    answer jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (run_id, variant, call)
  )`,
  `CREATE TABLE usage (
    run_id uuid NOT NULL REFERENCES runs ON DELETE CASCADE,
    variant int NOT NULL,
    call int NOT NULL,
    model text NOT NULL,
    input_tokens bigint NOT NULL,
    output_tokens bigint NOT NULL,
    cache_read_tokens bigint NOT NULL,
    cache_write_tokens bigint NOT NULL,
    cost_usd numeric(14, 8),
    stop text NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (run_id, variant, call)
  )`,
  `CREATE TABLE budgets (
    scope text NOT NULL,
    period text NOT NULL,
    limit_usd numeric(14, 8) NOT NULL,
    reserved_usd numeric(14, 8) NOT NULL DEFAULT 0,
    spent_usd numeric(14, 8) NOT NULL DEFAULT 0,
    PRIMARY KEY (scope, period)
  )`,
]

const trail = [
  // No foreign keys: the audit outlives what it speaks of.
  `CREATE TABLE events (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run_id uuid,
    task_id uuid,
    at timestamptz NOT NULL DEFAULT now(),
    kind text NOT NULL,
    data jsonb NOT NULL DEFAULT '{}'
  )`,
  `CREATE INDEX events_by_run ON events (run_id, id) WHERE run_id IS NOT NULL`,
  `CREATE INDEX events_by_task ON events (task_id, id) WHERE task_id IS NOT NULL`,
  `CREATE FUNCTION events_are_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'events are append-only: % refused', TG_OP; END $$`,
  `CREATE TRIGGER events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON events
    FOR EACH STATEMENT EXECUTE FUNCTION events_are_append_only()`,
]

const settings = [
  `CREATE TABLE identities (
    organisation text PRIMARY KEY,
    identity_id text NOT NULL,
    display_name text NOT NULL,
    seen_at timestamptz NOT NULL DEFAULT now()
  )`,
  `CREATE TABLE settings (
    name text PRIMARY KEY,
    value jsonb NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now()
  )`,
]
