import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore, type Store } from '@code-agent/store/store'
import { type PrometheusPrograms, prometheusPrograms } from '@code-agent/tools/prometheus-binary'
import { type PrometheusServer, startPrometheus } from '@code-agent/tools/prometheus-server'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { type Installation, startInstallation } from './local-installation.ts'
import { sampleRepository } from './prepare-repository.ts'

/** A real Prometheus with the project's own rules scrapes the real fleet. */

const monitoring = join(import.meta.dirname, '..', '..', '..', 'docker', 'monitoring')
const noPrograms = 'Prometheus is not installed here and there are no Debian packages: the fleet is not scraped'
let programs: PrometheusPrograms | undefined
let installation: Installation | undefined
let prometheus: PrometheusServer | undefined
let store: Store | undefined
let folder = ''

beforeAll(async () => {
  programs = await prometheusPrograms()
  if (!programs) return
  installation = await startInstallation({ progress: () => {} })
  store = openStore({ url: installation.databaseUrl })
  folder = await mkdtemp(join(tmpdir(), 'code-agent-monitoring-'))
  prometheus = await startPrometheus({ programs, configFile: await configFile(installation) })
}, 240_000)

afterAll(async () => {
  await prometheus?.stop()
  await store?.close()
  await installation?.stop()
  if (folder !== '') await rm(folder, { recursive: true, force: true })
}, 60_000)

/** The rules as they are, but nobody waits minutes for an alert to be sure of itself. */
async function configFile({ fleet }: Installation): Promise<string> {
  const rules = await readFile(join(monitoring, 'rules.yml'), 'utf8')
  await writeFile(join(folder, 'rules.yml'), rules.replaceAll(/^( +)for: .*$/gm, '$1for: 1s'))
  const targets = fleet.processes().map(({ url }) => new URL(url).host)
  const config = {
    global: { scrape_interval: '2s', scrape_timeout: '2s', evaluation_interval: '1s' },
    rule_files: ['rules.yml'],
    scrape_configs: [{ job_name: 'code-agent', static_configs: [{ targets }] }],
  }
  // JSON is YAML too.
  await writeFile(join(folder, 'prometheus.yml'), JSON.stringify(config))
  return join(folder, 'prometheus.yml')
}

async function ask<Data>(path: string, schema: z.ZodType<Data>): Promise<Data> {
  const answer = await fetch(`${prometheus?.url}/api/v1/${path}`)
  const { data } = z.object({ data: z.unknown() }).parse(await answer.json())
  return schema.parse(data)
}

const Value = z.object({ metric: z.record(z.string(), z.string()), value: z.tuple([z.number(), z.string()]) })

async function query(expr: string) {
  const { result } = await ask(`query?query=${encodeURIComponent(expr)}`, z.object({ result: z.array(Value) }))
  return result.map(({ metric, value }) => ({ ...metric, value: Number(value[1]) }))
}

const Alerts = z.object({ alerts: z.array(z.object({ labels: z.record(z.string(), z.string()), state: z.string() })) })

async function firing(): Promise<string[]> {
  const { alerts } = await ask('alerts', Alerts)
  return alerts
    .filter(({ state }) => state === 'firing')
    .map(({ labels }) => [labels.alertname, labels.queue].filter(Boolean).join(' '))
}

async function openPullRequest({ azureDevOps }: Installation) {
  const sample = await sampleRepository()
  const where = { project: 'demo', repository: 'shop' }
  await azureDevOps.createRepository({ project: 'demo', name: 'shop', from: sample.bare })
  await sample.remove()
  const branches = { sourceBranch: sample.sourceBranch, targetBranch: 'main' }
  const pullRequestId = await azureDevOps.createPullRequest({ ...where, title: 'Buttons', ...branches })
  return { comment: (content: string) => azureDevOps.postComment({ pullRequestId, user: 'alice', content }) }
}

function signalWorkers(of: Installation, signal: 'SIGSTOP' | 'SIGCONT'): void {
  for (const { app, pid } of of.fleet.processes()) if (app === 'worker-llm') process.kill(pid, signal)
}

test('workers that hang are an alert until they go on, and the run then stands in the figures', {
  timeout: 180_000,
}, async ({ skip }) => {
  if (!installation || !store) return skip(noPrograms)
  const patience = { timeout: 60_000, interval: 250 }
  await expect.poll(() => query('count(up == 1)'), patience).toMatchObject([{ value: 8 }])
  await expect.poll(() => query('count(code_agent_worker_slots)'), patience).toMatchObject([{ value: 6 }])
  const { comment } = await openPullRequest(installation)
  signalWorkers(installation, 'SIGSTOP')
  try {
    await comment('/edit /2 make buttons red')
    await expect.poll(firing, patience).toContain('QueueWithoutWorker llm')
    expect(await firing()).not.toContain('QueueWithoutWorker ado')
  } finally {
    signalWorkers(installation, 'SIGCONT')
  }
  await expect.poll(firing, patience).not.toContain('QueueWithoutWorker llm')

  const one = [{ value: 1 }]
  await expect.poll(() => query('sum(code_agent_runs_total{outcome="done"})'), patience).toMatchObject(one)
  expect(await query('sum(code_agent_request_to_overview_seconds_count{outcome="done"})')).toMatchObject(one)
  expect(await query('sum(code_agent_request_to_first_draft_seconds_count)')).toMatchObject(one)
  expect(await query('sum(code_agent_variants_total{outcome="done"})')).toMatchObject([{ value: 2 }])
  const usage = await store.usageOf((await store.runs({}))[0]?.runId ?? '')
  expect(await query('sum(code_agent_model_call_duration_seconds_count{status="answered"})')).toMatchObject([
    { value: usage.length },
  ])
  expect(await query('sum(code_agent_model_tokens_total{kind="output"})')).toMatchObject([
    { value: usage.reduce((sum, { outputTokens }) => sum + outputTokens, 0) },
  ])
})

test('whatever the rules and dashboards read, somebody tells', { timeout: 60_000 }, async ({ skip }) => {
  if (!installation) return skip(noPrograms)
  const told = Object.keys(await ask('metadata', z.record(z.string(), z.unknown())))
  const texts = await Promise.all(
    ['rules.yml', ...(await dashboardFiles())].map(path => readFile(join(monitoring, path), 'utf8')),
  )
  const read = texts.flatMap(text => [...text.matchAll(/\bcode_agent_\w+/g)].map(([name]) => name))
  expect(read.length).toBeGreaterThan(50)
  const unknown = new Set(
    read.map(name => name.replace(/_(bucket|count|sum)$/, '')).filter(name => !told.includes(name)),
  )
  expect([...unknown]).toEqual([])
})

test('the real Prometheus answers what every panel asks it', { timeout: 60_000 }, async ({ skip }) => {
  if (!installation) return skip(noPrograms)
  const asked: string[] = []
  for (const path of await dashboardFiles()) {
    JSON.parse(await readFile(join(monitoring, path), 'utf8'), (key, value: unknown) => {
      if (key === 'expr' && typeof value === 'string' && !value.includes('|=')) asked.push(value)
      return value
    })
  }
  expect(asked.length).toBeGreaterThan(30)
  const answers = await Promise.all(asked.map(expr => query(expr.replaceAll('$__rate_interval', '1m'))))
  expect(answers.filter(result => result.length > 0).length).toBeGreaterThan(asked.length / 2)
})

async function dashboardFiles(): Promise<string[]> {
  return (await readdir(join(monitoring, 'dashboards'))).map(name => `dashboards/${name}`)
}
