import { createHash, randomUUID } from 'node:crypto'
import { connectAzureDevOps } from '@code-agent/ado/azure-devops'
import { parseCommand } from '@code-agent/command/grammar'
import { repository, startShop } from '@code-agent/emulator-azure-devops/test-shop'
import { Rejected } from '@code-agent/jobs/errors'
import { azureDevOpsGate, organisationName } from '@code-agent/jobs/organisation'
import type { PatchChange } from '@code-agent/jobs/run'
import { type StepName, type StepResult, steps, type TaskKind } from '@code-agent/jobs/steps'
import { bindHandler } from '@code-agent/queue/handlers'
import { createLog } from '@code-agent/service/log'
import { acceptCommand } from '@code-agent/store/accept-command'
import type { Dispatch } from '@code-agent/store/dispatch'
import { migrate } from '@code-agent/store/migrate'
import type { Run } from '@code-agent/store/read'
import { openStore } from '@code-agent/store/store'
import { backDoor, wide } from '@code-agent/store/test-store'
import { testPostgres } from '@code-agent/tools/test-servers'
import { adoHandlers } from './handlers.ts'

const maxVariants = 8

export type World = Awaited<ReturnType<typeof testWorld>>
export type Ended = StepResult | { outcome: 'failed'; reason: string } | { outcome: 'retry'; error: Error }

/** The steps of worker-ado before the emulator and a real Postgres; the tests are the queue, so that they say what happens when. */
export async function testWorld() {
  const [database, shop] = await Promise.all([testPostgres(), startShop()])
  await migrate({ url: database.url })
  const store = openStore({ url: database.url })
  const door = backDoor(database.url)
  const organisation = organisationName(shop.azure.url)
  const ado = connectAzureDevOps({
    url: shop.azure.url,
    token: shop.azure.tokens.bot,
    kind: 'pat',
    gate: azureDevOpsGate(organisation),
  })
  const handlers = adoHandlers({
    ...{ store, ado, organisation, holder: 'test' },
    settings: { DRAFT_TARGET: 'source', CI_MARKER: undefined, MAX_VARIANTS: maxVariants, WEBHOOK_URL: undefined },
    log: createLog({ service: 'test', level: 'silent' }),
  })

  /** As the worker host does it: what is rejected has failed for good and is written down, all else would be tried again. */
  async function work(name: StepName | TaskKind, data: object): Promise<Ended> {
    const raw = { name, data, jobId: 'test', attempt: 1, isLastAttempt: false, signal: new AbortController().signal }
    const bound = bindHandler(handlers, raw)
    if (!bound) throw new Error(`worker-ado does not know ${name}`)
    try {
      return await bound.handle()
    } catch (error) {
      if (!(error instanceof Error)) throw error
      if (!(error instanceof Rejected)) return { outcome: 'retry', error }
      await bound.onExhausted(error)
      return { outcome: 'failed', reason: error.message }
    }
  }

  async function run(runId: string): Promise<Run> {
    const found = await store.run(runId)
    if (!found) throw new Error('there is no such run')
    return found
  }

  async function step(name: StepName, runId: string, variant?: number): Promise<Ended> {
    const { generation } = await run(runId)
    return await work(name, { runId, generation, ...(steps[name].perVariant ? { variant } : {}) })
  }

  return {
    ...{ store, shop, ado, organisation, run, step, work },
    query: door.query,
    dispatch: (): Promise<Dispatch[]> => store.dispatchNext(wide),
    stop: async () => {
      ado.close()
      await Promise.all([store.close(), door.stop()])
      await Promise.all([database.stop(), shop.stop()])
    },
  }
}

/** A comment of Alice's on pull request 1, and what the gateway would make of its event. */
export async function commented(world: World, text: string, over: { user?: string; threadId?: number } = {}) {
  const { shop, store, organisation } = world
  const { user = 'alice', threadId } = over
  const at = await shop.azure.postComment({
    ...{ pullRequestId: 1, user, content: text },
    ...(threadId === undefined ? {} : { threadId }),
  })
  const author = shop.azure.users.find(one => one.name === user)
  const { id: repositoryId, project } = (await shop.call('GET', repository)).json
  const command = parseCommand(text, { maxVariants })
  if (!author || command.kind === 'none') throw new Error('nobody said anything')
  const { displayName, uniqueName } = author
  return await acceptCommand(
    store,
    {
      key: { organisation, repositoryId, pullRequestId: 1, ...at },
      projectId: project.id,
      author: { id: author.id, displayName, uniqueName },
      text,
      delivery: { source: 'test', id: randomUUID() },
    },
    command,
  )
}

/** A run that was admitted and planned, and runs, with a patch for each variant. */
export async function runningRun(
  world: World,
  text = '/edit make buttons red',
  over: { user?: string; patch?: Pick<PatchChange, 'path' | 'content'> } = {},
): Promise<string> {
  const runId = await acceptedRun(world, text, over.user === undefined ? {} : { user: over.user })
  await world.dispatch()
  const admitted = await world.step('admit-run', runId)
  if (admitted.outcome !== 'done') throw new Error('not admitted', { cause: admitted })
  const { generation, variantCount } = await world.run(runId)
  const ways = Array.from({ length: variantCount }, (_, n) => ({ name: `way ${n + 1}`, brief: 'somehow' }))
  await world.store.planned({ runId, generation, strategies: ways })
  for (const index of ways.keys()) await savePatch(world, runId, index + 1, over.patch)
  await world.dispatch()
  return runId
}

export async function acceptedRun(world: World, text: string, over: { user?: string } = {}): Promise<string> {
  const accepted = await commented(world, text, over)
  if (!('runId' in accepted)) throw new Error('that is no request')
  return accepted.runId
}

async function savePatch(
  { store }: World,
  runId: string,
  variant: number,
  change: Pick<PatchChange, 'path' | 'content'> = { path: 'src/button.css' },
): Promise<void> {
  const content = change.content ?? `.button { color: red; }\n/* ${variant} */\n`
  await store.savePatch({
    ...{ runId, variant },
    diff: `--- a/src/button.css\n+++ b/src/button.css\n@@ -1 +1,2 @@\n+/* ${variant} */\n`,
    changes: [{ path: change.path, kind: change.path === 'src/button.css' ? 'edit' : 'add', content }],
    stats: { files: 1, additions: 2, deletions: 1 },
    summary: 'Makes them red.',
    resultHash: createHash('sha256').update(content).digest('hex'),
  })
}

/** Brings an ending or running run to its end, as its flow would. */
export async function concluded(world: World, runId: string): Promise<Run> {
  await world.dispatch()
  const { generation, variants } = await world.run(runId)
  for (const { variant } of variants) await world.step('announce-variant', runId, variant)
  await world.store.conclude({ runId, generation })
  const published = await world.step('publish-overview', runId)
  if (published.outcome !== 'done') throw new Error('not published', { cause: published })
  return await world.run(runId)
}

/** Does the tasks that are due now, of one kind. @returns how they ended */
export async function tasksDone(world: World, kind: TaskKind): Promise<Ended[]> {
  const due = (await world.dispatch()).flatMap(dispatch =>
    dispatch.kind === 'task' && dispatch.task === kind ? [dispatch] : [],
  )
  const ended: Ended[] = []
  for (const { taskId, generation } of due) ended.push(await world.work(kind, { taskId, generation }))
  return ended
}

/** What stands in a run's thread on pull request 1, oldest first, without the bot's hidden markers. */
export async function textsOf({ shop }: World, threadId: number): Promise<string[]> {
  const comments: { content?: string; isDeleted?: boolean }[] = (
    await shop.call('GET', `${repository}/pullRequests/1/threads/${threadId}/comments`)
  ).json.value
  return comments
    .filter(comment => !comment.isDeleted)
    .map(({ content }) => (content ?? '').replace(/\s*<!--.*-->$/s, ''))
}
