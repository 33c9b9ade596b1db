import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { type PrometheusPrograms, prometheusPrograms } from '../prometheus-binary.ts'
import { type AlertCase, alertCases } from './alert-cases.ts'
import { ruleGroups } from './alerts.ts'
import { monitoringFolder, staleFiles } from './generated-files.ts'
import { ask, askAbout } from './promtool.ts'
import type { Rule } from './slo.ts'

let programs: PrometheusPrograms | undefined
beforeAll(async () => {
  programs = await prometheusPrograms()
}, 120_000)

const rulesFile = join(monitoringFolder, 'rules.yml')
type Alert = Extract<Rule, { alert: string }>
const alerts = ruleGroups().flatMap(({ rules }) => rules.filter((rule): rule is Alert => 'alert' in rule))
const noPrograms = 'Prometheus is not installed here and there are no Debian packages: its rules are not tried'

test('what is generated stands in docker/monitoring as it should; `npm run docs` writes it anew', async () => {
  expect(await staleFiles()).toEqual([])
})

test('Prometheus and Alertmanager take their configuration', async ({ skip }) => {
  if (!programs) return skip(noPrograms)
  const answers = await Promise.all([
    ask(programs.promtool, ['check', 'config', join(monitoringFolder, 'prometheus.yml')]),
    ask(programs.promtool, ['check', 'rules', '--lint=all', '--lint-fatal', rulesFile]),
    ask(programs.amtool, ['check-config', join(monitoringFolder, 'alertmanager.yml')]),
  ])
  expect(answers.filter(({ fine }) => !fine).map(({ says }) => says)).toEqual([])
})

test('pages wake those on call and tickets do not', async ({ skip }) => {
  if (!programs) return skip(noPrograms)
  const { amtool } = programs
  const receiver = async (severity: string) => {
    const config = `--config.file=${join(monitoringFolder, 'alertmanager.yml')}`
    return (await ask(amtool, ['config', 'routes', 'test', config, `severity=${severity}`])).says.split('\n')[0]
  }
  expect([await receiver('page'), await receiver('ticket')]).toEqual(['on-call', 'tickets'])
})

test('every alert is seen to fire and to clear', { timeout: 60_000 }, async ({ skip }) => {
  const seen = new Set(alertCases.filter(({ checks }) => checks.length > 1).map(({ alert }) => alert))
  expect([...seen].toSorted()).toEqual([...new Set(alerts.map(({ alert }) => alert))].toSorted())
  if (!programs) return skip(noPrograms)
  for (const one of alertCases) {
    const documents = {
      'rules.yml': { groups: [{ name: 'tried', rules: rulesOf(one.alert) }] },
      'test.yml': promtoolTest(one),
    }
    const answer = await askAbout(programs.promtool, documents, folder => ['test', 'rules', join(folder, 'test.yml')])
    expect(answer, one.alert).toMatchObject({ fine: true, says: expect.stringContaining('SUCCESS') })
  }
})

test('every alert has a runbook, and every runbook an alert', async () => {
  const runbooks = await readFile(join(monitoringFolder, '..', '..', 'docs', 'runbooks.md'), 'utf8')
  const headings = [...runbooks.matchAll(/^## (\w+)$/gm)].map(([, name]) => name ?? '')
  expect(headings.toSorted()).toEqual([...new Set(alerts.map(({ alert }) => alert))].toSorted())
  for (const { alert, annotations } of alerts) {
    expect(annotations.runbook).toBe(`docs/runbooks.md#${alert.toLowerCase()}`)
  }
})

/** An alert and the records it reads: all rules together would take promtool most of a minute. */
function rulesOf(alert: string): Rule[] {
  const own = alerts.filter(rule => rule.alert === alert)
  const reads = own.map(({ expr }) => expr).join(' ')
  const slo = /slo="(\w+)"/.exec(reads)?.[1]
  const records = ruleGroups()
    .flatMap(({ rules }) => rules)
    .filter(rule => 'record' in rule && reads.includes(rule.record) && rule.labels?.slo === slo)
  return [...records, ...own]
}

function promtoolTest({ alert, series, checks }: AlertCase) {
  const one = {
    interval: '1m',
    input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
    alert_rule_test: checks.map(({ at, firing }) => ({
      eval_time: `${at}m`,
      alertname: alert,
      exp_alerts: firing.map(labels => ({ exp_labels: labels, exp_annotations: annotationsOf(alert, labels) })),
    })),
  }
  return { rule_files: ['rules.yml'], evaluation_interval: '1m', tests: [one] }
}

function annotationsOf(alert: string, labels: Record<string, string>) {
  const rule = alerts.find(one => one.alert === alert)
  const text = rule?.annotations.summary ?? ''
  return {
    summary: text.replace(/\{\{ \$labels\.(\w+) \}\}/g, (_, name: string) => labels[name] ?? ''),
    runbook: rule?.annotations.runbook ?? '',
  }
}
