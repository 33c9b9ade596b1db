import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FaultRule } from '@code-agent/emulator-azure-devops/http/faults'
import type { Fault as ModelFault } from '@code-agent/emulator-llm/emulator'
import { type AzureTrouble, type Fault, type ModelTrouble, type TroubledApp, troubledApps } from './fault.ts'
import { limitFiles, withChildren } from './file-limit.ts'
import type { Installation } from './installation.ts'
import type { Random } from './random.ts'

/** Where a schedule's faults do their work. */
export type Scene = {
  installation: Installation
  /** In the intent of every request of this schedule and of no other. */
  tag: string
  /** Deliveries of this schedule begin after so many. */
  firstDelivery: number
  random: Random
}

/** Does it, and returns when it is over. What only arms a trap returns at once: whether it struck is seen afterwards. */
export async function inflict(scene: Scene, fault: Fault): Promise<void> {
  const { installation } = scene
  switch (fault.kind) {
    case 'crash':
      return await armCrash(installation, fault)
    case 'kill':
      return signal(installation, fault, 'SIGKILL')
    case 'terminate':
      return signal(installation, fault, 'SIGTERM')
    case 'kill-both':
      for (const which of [0, 1]) signal(installation, { ...fault, which }, 'SIGKILL')
      return
    case 'redis-restart':
    case 'redis-tail-cut':
      return await crashRedis(installation, fault)
    case 'redis-flush':
      return await installation.redis.flush()
    case 'redis-script-flush':
      return await installation.redis.flushScripts()
    case 'redis-failover':
      return await installation.redis.failOver(fault)
    case 'redis-memory-full':
      return await installation.redis.starve(fault.ms)
    case 'redis-disk-full':
      return await installation.redis.fillDisk(fault.ms)
    case 'postgres-disk-full':
      return await fillDiskOfPostgres(installation, fault.ms)
    case 'postgres-restart':
      await installation.postgres.kill()
      await sleep(fault.pauseMs)
      return await installation.postgres.restart()
    case 'clock':
      return await setClock(installation, fault)
    case 'connections-reset':
      return installation.lines[fault.of].reset()
    case 'half-open-for-good':
      return installation.lines[fault.of].silence()
    case 'cut':
    case 'half-open':
    case 'slice':
    case 'latency':
      return await spoilLine(installation, fault)
    case 'azure':
      installation.azure.faults.add(azureRule(fault))
      return
    case 'model':
      for (let time = 0; time < fault.times; time++) {
        const match = { intent: scene.tag, variant: fault.variant }
        installation.model.addFault({ match, ...modelTroubles[fault.trouble] })
      }
      return
    case 'replay':
      return await replay(scene, fault.times)
    case 'events-lost':
      return await loseEvents(installation, fault.ms)
  }
}

/** What is still waiting to strike must not strike the next schedule. */
export async function disarm({ azure, crashDir, lines, clocks }: Installation): Promise<void> {
  for (const app of troubledApps) await clocks?.set(app, 0)
  azure.faults.clear()
  await rm(crashDir, { recursive: true })
  await mkdir(crashDir)
  for (const line of Object.values(lines)) line.set({ kind: 'sound' })
}

async function armCrash(installation: Installation, fault: Extract<Fault, { kind: 'crash' }>): Promise<void> {
  await writeFile(join(installation.crashDir, fault.place), '')
}

function signal(
  { fleet, pauseNext }: Installation,
  of: { app: TroubledApp; which: number; pauseMs: number },
  name: NodeJS.Signals,
): void {
  const found = fleet.processes().filter(({ app }) => app === of.app)[of.which]
  if (!found) return
  try {
    process.kill(found.pid, name)
    pauseNext(of.app, of.pauseMs)
  } catch {
    // It is dead already, by an earlier fault.
  }
}

async function crashRedis(
  { redis }: Installation,
  fault: Extract<Fault, { kind: 'redis-restart' | 'redis-tail-cut' }>,
): Promise<void> {
  const lost = fault.kind === 'redis-tail-cut' ? { loseShare: fault.share } : {}
  await redis.crash({ pauseMs: fault.pauseMs, ...lost })
}

/** It panics, since it cannot write its log, and does not come up before there is room again. */
async function fillDiskOfPostgres({ postgres }: Installation, ms: number): Promise<void> {
  await limitFiles(await withChildren(postgres.pid), 1)
  await sleep(ms)
  await limitFiles(await withChildren(postgres.pid), undefined)
  await postgres.restart()
}

async function setClock({ clocks }: Installation, fault: Extract<Fault, { kind: 'clock' }>): Promise<void> {
  await clocks?.set(fault.app, fault.seconds)
  await sleep(fault.ms)
  await clocks?.set(fault.app, 0)
}

async function spoilLine(
  { lines }: Installation,
  fault: Extract<Fault, { kind: 'cut' | 'half-open' | 'slice' | 'latency' }>,
): Promise<void> {
  const line = lines[fault.of]
  line.set(fault.kind === 'latency' ? { kind: 'latency', ms: fault.latencyMs } : { kind: fault.kind })
  await sleep(fault.ms)
  line.set({ kind: 'sound' })
}

function azureRule({ trouble, method, path, nth, times, ms }: Extract<Fault, { kind: 'azure' }>): FaultRule {
  const actions: Record<AzureTrouble, FaultRule['action']> = {
    'cut-before': { kind: 'cutBefore' },
    'cut-after': { kind: 'cutAfter' },
    throttled: { kind: 'status', status: 429, retryAfterSeconds: 2 },
    unavailable: { kind: 'status', status: 503 },
    'failed-after-effect': { kind: 'status', status: 500, afterEffect: true },
    delay: { kind: 'delay', ms },
    'late-effect': { kind: 'lateEffect', ms, answer: 'cut' },
    'silent-late-effect': { kind: 'lateEffect', ms, answer: 'hang' },
  }
  return { user: 'bot', method, path, nth, times, action: actions[trouble] }
}

const modelTroubles: Record<ModelTrouble, ModelFault> = {
  throttled: { status: 429, headers: { 'retry-after': '2' } },
  overloaded: { status: 529 },
  failed: { status: 500 },
  cut: { cutAfter: 300 },
  stalled: { stallAfter: 300 },
  slow: { delayMs: 2_500 },
  'overloaded-in-stream': { errorEventAfter: 3 },
}

/** As on probation: what happens meanwhile is told to nobody, then or later. */
async function loseEvents({ azure }: Installation, ms: number): Promise<void> {
  for (const subscription of azure.hooks.subscriptions) subscription.status = 'disabledByUser'
  await sleep(ms)
  for (const subscription of azure.hooks.subscriptions) subscription.status = 'enabled'
}

/** The same deliveries again, in any order and all at once, as a sender does that heard no answer. */
async function replay({ installation, firstDelivery, random }: Scene, times: number): Promise<void> {
  const { hooks } = installation.azure
  const [subscription] = hooks.subscriptions
  const sent = subscription?.notifications.slice(firstDelivery) ?? []
  if (!subscription || sent.length === 0) return
  await Promise.all(Array.from({ length: times }, () => hooks.replay(subscription, random.pick(sent).id)))
}
