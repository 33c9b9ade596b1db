import type { LedgerEffect } from '@code-agent/emulator-azure-devops/state/ledger'
import { z } from 'zod'
import type { Installation } from './installation.ts'
import type { Asked, Played } from './play.ts'

/** What is known of one request once everything is quiet: what Postgres says, and what stands outside. */
export type Evidence = {
  asked: Asked
  /** Its webhook was answered with success at least once. */
  acked: boolean
  /** Postgres has it so often. */
  runs: RunFacts[]
  /** Comments of the bot in its thread as they stand: the end of each one's marker, after the run's id. */
  topics: string[]
  /** Everything the bot changed for it outside, in order. */
  effects: { at: number; kind: LedgerEffect['kind']; what: string }[]
  /** Pull requests by source branch, below the run's branches. */
  drafts: { pullRequestId: number; branch: string }[]
  /** Branches that stand there now. */
  branches: string[]
  /** When the model was asked, by variant; 0 is the planner. */
  calls: { variant: number; at: number; complete: boolean }[]
}

const Variant = z.object({
  index: z.number(),
  outcome: z.string().nullable(),
  reason: z.string().nullable(),
  branch: z.string().nullable(),
  pull_request_id: z.number().nullable(),
})
const RunRow = z.object({
  id: z.string(),
  state: z.string(),
  outcome: z.string().nullable(),
  reason: z.string().nullable(),
  slug: z.string().nullable(),
  user_segment: z.string().nullable(),
  created_at: z.number(),
  ended_at: z.number().nullable(),
  variants: z.array(Variant),
  events: z.array(z.object({ kind: z.string(), generation: z.number().nullable(), state: z.string().nullable() })),
  answers: z.array(z.object({ variant: z.number(), at: z.number() })),
  trail: z.array(z.string()),
  /** When it was cancelled by somebody's word. */
  cancelled_at: z.number().nullable(),
  /** Steps that did work although they began after that. */
  late_work: z.array(z.string()),
  /** The last moment of any step that works. */
  worked_until: z.number().nullable(),
})
/** Times in ms since 1970. */
export type RunFacts = z.infer<typeof RunRow>

const ms = (column: string) => `(extract(epoch FROM ${column}) * 1000)::float8`
const work = "('plan-run', 'write-patch', 'commit-patch', 'open-draft-pr')"
const listOf = (query: string) => `coalesce((${query}), '[]'::json)`

const runsOfThread = `
  SELECT id, state, outcome, reason, admission ->> 'slug' AS slug, admission ->> 'userSegment' AS user_segment,
    ${ms('created_at')} AS created_at, ${ms('ended_at')} AS ended_at,
    ${listOf(`SELECT json_agg(json_build_object('index', index, 'outcome', outcome, 'reason', reason, 'branch', branch,
      'pull_request_id', pull_request_id) ORDER BY index) FROM variants WHERE run_id = runs.id`)} AS variants,
    ${listOf(`SELECT json_agg(json_build_object('kind', kind, 'generation', (data ->> 'generation')::int,
      'state', data ->> 'state') ORDER BY id) FROM events WHERE run_id = runs.id`)} AS events,
    ${listOf(`SELECT json_agg(json_build_object('variant', variant, 'at', ${ms('created_at')}) ORDER BY variant, call)
      FROM model_answers WHERE run_id = runs.id`)} AS answers,
    ${listOf(`SELECT json_agg(format('%s %s', to_char(at, 'MI:SS.MS'), says) ORDER BY at) FROM (
      SELECT started_at AS at, format('%s%s g%s %s %s %s', step, CASE variant WHEN 0 THEN '' ELSE '/' || variant END,
        generation, coalesce(outcome, 'never ended'), to_char(ended_at, 'MI:SS.MS'), left(message, 160)) AS says
        FROM attempts WHERE owner_id = runs.id
      UNION ALL SELECT at, format('-- %s g%s', kind, data ->> 'generation') FROM events WHERE run_id = runs.id) told`)} AS trail
,
    cancelled.at AS cancelled_at, (SELECT ${ms('max(ended_at)')} FROM attempts WHERE owner_id = runs.id AND step IN ${work}) AS worked_until,
    ${listOf(`SELECT json_agg(step) FROM attempts WHERE owner_id = runs.id AND step IN ${work} AND outcome = 'done'
      AND ${ms('started_at')} > cancelled.at`)} AS late_work
  FROM runs, LATERAL (SELECT ${ms('min(at)')} AS at FROM events
    WHERE run_id = runs.id AND kind = 'cancel' AND data ->> 'cause' = 'cancelled') cancelled
  WHERE pull_request_id = $1 AND thread_id = $2 AND comment_id = $3`

const Threads = z.object({
  value: z.array(
    z.object({
      id: z.number(),
      comments: z.array(
        z.object({
          content: z.string().optional(),
          isDeleted: z.boolean().optional(),
          author: z.object({ displayName: z.string() }),
        }),
      ),
    }),
  ),
})
const PullRequests = z.object({ value: z.array(z.object({ pullRequestId: z.number(), sourceRefName: z.string() })) })
const Refs = z.object({ value: z.array(z.object({ name: z.string() })) })

/** Reads Azure DevOps and Postgres; changes nothing. */
export async function evidenceOf(installation: Installation, played: Played): Promise<Evidence[]> {
  const get = reader(installation)
  const [requests, refs] = await Promise.all([
    get('pullrequests?searchCriteria.status=all&$top=5000', PullRequests),
    get('refs?filter=heads/users/&$top=5000', Refs),
  ])
  const threads = new Map(
    await Promise.all(
      [...new Set(played.asked.map(one => one.pullRequestId))].map(
        async id => [id, await get(`pullRequests/${id}/threads`, Threads)] as const,
      ),
    ),
  )
  return await Promise.all(
    played.asked.map(async asked => {
      const key = [asked.pullRequestId, asked.threadId, asked.commentId]
      const { rows } = await installation.database.query(runsOfThread, key)
      const runs = rows.map(row => RunRow.parse(row))
      const run = runs[0]
      const prefix = run?.slug ? `users/${run.user_segment}/${run.slug}/` : undefined
      const below = (ref: string) => prefix !== undefined && ref.startsWith(`refs/heads/${prefix}`)
      const short = (ref: string) => ref.replace('refs/heads/', '')
      const thread = threads.get(asked.pullRequestId)?.value.find(one => one.id === asked.threadId)
      return {
        asked,
        acked: isAcked(installation, asked),
        runs,
        topics: (thread?.comments ?? []).flatMap(comment => topicOf(comment, run?.id)),
        effects: effectsFor(installation, played, asked, run),
        drafts: requests.value
          .filter(request => below(request.sourceRefName))
          .map(request => ({ pullRequestId: request.pullRequestId, branch: short(request.sourceRefName) })),
        branches: refs.value.filter(ref => below(ref.name)).map(ref => short(ref.name)),
        calls: installation.model
          .calls()
          .filter(call => run !== undefined && call.runId === run.id)
          .map(({ variant = 0, at, outcome, status }) => ({
            variant,
            at,
            complete: outcome === 'complete' && status === 200,
          })),
      }
    }),
  )
}

function reader({ azure, project, repository }: Installation) {
  const headers = { authorization: `Basic ${Buffer.from(`:${azure.tokens.alice}`).toString('base64')}` }
  return async <T>(path: string, schema: z.ZodType<T>): Promise<T> => {
    const url = `${azure.url}/${project}/_apis/git/repositories/${repository}/${path}`
    const response = await fetch(`${url}${path.includes('?') ? '&' : '?'}api-version=7.1`, { headers })
    if (!response.ok) throw new Error(`the emulator answered ${response.status} to ${path}`)
    return schema.parse(await response.json())
  }
}

function isAcked({ azure }: Installation, { intent }: Asked): boolean {
  return azure.hooks.subscriptions.some(({ notifications }) =>
    notifications.some(one => one.result === 'succeeded' && JSON.stringify(one.event).includes(`${intent}"`)),
  )
}

function topicOf(
  comment: { content?: string | undefined; isDeleted?: boolean | undefined; author: { displayName: string } },
  runId: string | undefined,
): string[] {
  if (comment.isDeleted || comment.author.displayName !== 'Code Agent' || runId === undefined) return []
  const topic = /<!-- code-agent:([^ ]+) -->\s*$/.exec(comment.content ?? '')?.[1]
  if (topic?.startsWith('answer/')) return [topic]
  return [topic?.startsWith(`${runId}/`) ? topic.slice(runId.length + 1) : `unknown: ${comment.content?.slice(0, 60)}`]
}

/** By thread, status context or branch; what the service itself notes in passing is not counted. */
function effectsFor(
  { azure }: Installation,
  played: Played,
  asked: Asked,
  run: RunFacts | undefined,
): Evidence['effects'] {
  const context = run?.slug ? `${run.slug}-${run.id.slice(0, 8)}` : undefined
  const branches = run?.slug ? `users/${run.user_segment}/${run.slug}/` : undefined
  const what = ({ kind, ids }: LedgerEffect): string | undefined => {
    const ofThread = ids.pullRequestId === asked.pullRequestId && ids.threadId === asked.threadId
    if (kind.startsWith('comment-') && ofThread) return `comment ${ids.commentId}`
    if (kind === 'thread-updated' && ofThread) return 'thread'
    if (kind === 'status-posted' && context && String(ids.context).endsWith(context)) return String(ids.state)
    if ((kind.startsWith('branch-') || kind === 'commit-pushed') && branches && String(ids.branch).startsWith(branches))
      return String(ids.branch)
    return undefined
  }
  return azure.ledger.entries({ since: played.ledgerFrom, kind: 'effect' }).flatMap(entry => {
    if (!('user' in entry) || !('ids' in entry) || entry.user !== 'bot') return []
    const named = what(entry)
    return named === undefined ? [] : [{ at: Date.parse(entry.at), kind: entry.kind, what: named }]
  })
}
