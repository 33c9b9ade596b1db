import { beforeAll, expect, test } from 'vitest'
import { type PrometheusPrograms, prometheusPrograms } from '../prometheus-binary.ts'
import { dashboards } from './dashboards.ts'
import { generatedFiles } from './generated-files.ts'
import { askAbout } from './promtool.ts'

let programs: PrometheusPrograms | undefined
beforeAll(async () => {
  programs = await prometheusPrograms()
}, 120_000)

/** As they stand in the finished JSON, with what Grafana fills in. */
function expressions(): string[] {
  const found: string[] = []
  for (const [path, text] of Object.entries(generatedFiles())) {
    if (!path.startsWith('docker/monitoring/dashboards/')) continue
    JSON.parse(text, (key, value: unknown) => {
      if (key === 'expr' && typeof value === 'string' && !value.includes('|=')) found.push(value)
      return value
    })
  }
  return found.map(expr => expr.replaceAll('$__rate_interval', '5m'))
}

test('promtool takes every expression of every dashboard', async ({ skip }) => {
  const all = expressions()
  expect(all.length).toBeGreaterThan(30)
  if (!programs) return skip('Prometheus is not installed here and there are no Debian packages: nothing was checked')
  const rules = all.map((expr, index) => ({ record: `panel:${index}`, expr }))
  const document = { groups: [{ name: 'panels', rules }] }
  const answer = await askAbout(programs.promtool, { 'rules.yml': document }, folder => [
    'check',
    'rules',
    `${folder}/rules.yml`,
  ])
  expect(answer.says).toContain(`${all.length} rules found`)
  expect(answer.fine).toBe(true)
})

test('every dashboard stands in the folder under its id, and no two panels of one have the same title', () => {
  expect(Object.keys(generatedFiles()).filter(path => path.startsWith('docker/monitoring/dashboards/'))).toEqual(
    dashboards.map(({ uid }) => `docker/monitoring/dashboards/${uid}.json`),
  )
  for (const { rows } of dashboards) {
    const titles = rows.flatMap(({ title, panels }) => panels.map(panel => `${title}: ${panel.title}`))
    expect(new Set(titles).size).toBe(titles.length)
  }
})
