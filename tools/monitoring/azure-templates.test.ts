import { sentBounds } from '@code-agent/service/metric-bridge'
import { expect, test } from 'vitest'
import { figureQueries, runQuery, shareQuery, standingQuery } from './azure-queries.ts'
import { alertsTemplate, workbook, workbookTemplate } from './azure-templates.ts'
import { kustoParser } from './kusto-parser.mjs'
import { slos } from './slo.ts'

/** Nothing here was deployed: what can be said without Azure is said by Microsoft's own parser of its query language. */

const told = 'TimeGenerated: datetime, Properties: dynamic, AppRoleName: string'
const done = `${told}, Name: string, OperationId: string, DurationMs: real, Success: bool`
/** The columns we ask for, as the reference of the tables has them. */
const tables = {
  AppMetrics: `${told}, Name: string, Sum: real, Min: real, Max: real, ItemCount: int`,
  AppRequests: done,
  AppDependencies: done,
  AppTraces: `${told}, Message: string, OperationId: string`,
}

const queries = {
  ...Object.fromEntries(slos.map(slo => [`share of ${slo.slo}`, shareQuery(slo)])),
  ...Object.fromEntries(
    alertsTemplate().resources.map(({ name, properties }) => [name, properties.criteria.allOf[0]?.query ?? '']),
  ),
  ...figureQueries,
  run: runQuery,
  standing: standingQuery(),
}

test('the parser takes every query, and does not take what is wrong', { timeout: 240_000 }, () => {
  const queryProblems = kustoParser(tables)
  expect(queryProblems('AppMetrics | where Nme == "x"')).toHaveLength(1)
  expect(queryProblems('AppMetrics | summarize (').length).toBeGreaterThan(0)
  expect(Object.keys(queries).length).toBeGreaterThan(14)
  const wrong = Object.entries(queries).map(([name, query]) => ({ name, problems: queryProblems(query) }))
  expect(wrong.filter(({ problems }) => problems.length > 0)).toEqual([])
})

test('every promise has its two alerts, for the limits that Prometheus has, and a place in the workbook', () => {
  const { resources } = alertsTemplate()
  expect(resources.map(({ name }) => name)).toEqual(
    slos.flatMap(({ slo }) => [`code-agent-${slo}-page`, `code-agent-${slo}-ticket`]),
  )
  expect(
    resources.find(({ name }) => name === 'code-agent-errors-page')?.properties.criteria.allOf[0]?.query,
  ).toContain('| where Share > 0.288 and ShareNow > 0.288 and All >= 5')
  const shown = workbook().items.map(({ name }) => name)
  for (const { says } of slos) expect(shown).toContain(`${says}: share, and what is fine`)
})

test('a bound that a promise asks for is one that the bridge sends', () => {
  const asked = slos.flatMap(({ bad, all }) => [...bad, ...all]).filter(({ metric }) => metric.endsWith('_bucket'))
  expect(asked.map(({ metric, where }) => [metric, where?.le])).toEqual(
    Object.entries(sentBounds).map(([name, bound]) => [`${name}_bucket`, String(bound)]),
  )
})

test('a template uses the parameters it declares, all of them, and each resource says what and where it is', () => {
  for (const template of [alertsTemplate(), workbookTemplate()]) {
    const used = [...JSON.stringify(template.resources).matchAll(/parameters\('(\w+)'\)/g)].map(([, name = '']) => name)
    expect([...new Set(used)].toSorted()).toEqual(Object.keys(template.parameters).toSorted())
    for (const resource of template.resources) {
      expect(resource).toMatchObject({
        ...{
          type: expect.stringMatching(/^Microsoft\.Insights\//),
          apiVersion: expect.stringMatching(/^\d{4}-\d\d-\d\d/),
        },
        ...{ name: expect.any(String), location: "[parameters('location')]" },
      })
    }
  }
  const saved = workbookTemplate().resources[0]?.properties.serializedData ?? ''
  expect(JSON.parse(saved)).toEqual(JSON.parse(JSON.stringify(workbook())))
})
