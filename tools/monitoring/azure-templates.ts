import { createHash } from 'node:crypto'
import { burnQuery, figureQueries, runQuery, shareQuery, standingQuery } from './azure-queries.ts'
import { runbookOf } from './runbook.ts'
import { burns, type Slo, slos } from './slo.ts'

/** ARM templates for a workspace that Application Insights writes to: the promises of slo.ts as alerts, and a workbook. */

const text = (description: string, more: object = {}) => ({ type: 'string', metadata: { description }, ...more })
const schema = 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#'
const location = text('Where the resources lie', { defaultValue: '[resourceGroup().location]' })
const workspaceId = text('Resource id of the Log Analytics workspace behind Application Insights')

export function alertsTemplate() {
  return {
    $schema: schema,
    contentVersion: '1.0.0.0',
    parameters: {
      location,
      workspaceId,
      pageActionGroupId: text('Resource id of the action group that wakes somebody'),
      ticketActionGroupId: text('Resource id of the action group that waits for the morning'),
    },
    resources: slos.flatMap(slo => (['page', 'ticket'] as const).map(severity => alertRule(slo, severity))),
  }
}

function alertRule(slo: Slo, severity: 'page' | 'ticket') {
  const own = burns.filter(burn => burn.severity === severity)
  // One rule of Azure Monitor asks one question: a row of either pair of windows is enough.
  const query = own
    .map((burn, index) => burnQuery(slo, burn).replaceAll('within', `within${index}`).split('\n'))
    .reduce<{ lets: string[]; rows: string[] }>(
      ({ lets, rows }, [letLine = '', ...body]) => ({
        lets: [...lets, letLine],
        rows: [...rows, `(${body.join('\n')})`],
      }),
      { lets: [], rows: [] },
    )
  const name = `code-agent-${slo.slo}-${severity}`
  return {
    type: 'Microsoft.Insights/scheduledQueryRules',
    apiVersion: '2023-12-01',
    name,
    location: "[parameters('location')]",
    kind: 'LogAlert',
    properties: {
      displayName: name,
      description: `${slo.says}. ${runbookOf(slo.alert)}`,
      severity: severity === 'page' ? 1 : 3,
      enabled: true,
      scopes: ["[parameters('workspaceId')]"],
      evaluationFrequency: severity === 'page' ? 'PT5M' : 'PT30M',
      windowSize: severity === 'page' ? 'PT6H' : 'P2D',
      overrideQueryTimeRange: severity === 'page' ? 'PT6H' : 'P2D',
      criteria: {
        allOf: [
          {
            query: [...query.lets, `union ${query.rows.join(', ')}`].join('\n'),
            timeAggregation: 'Count',
            operator: 'GreaterThan',
            threshold: 0,
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 },
          },
        ],
      },
      ...(severity === 'page' ? { autoMitigate: true } : { autoMitigate: false, muteActionsDuration: 'PT12H' }),
      actions: { actionGroups: [`[parameters('${severity}ActionGroupId')]`] },
    },
  }
}

export function workbookTemplate() {
  const name = 'Code Agent'
  return {
    $schema: schema,
    contentVersion: '1.0.0.0',
    parameters: { location, workspaceId },
    resources: [
      {
        type: 'Microsoft.Insights/workbooks',
        apiVersion: '2023-06-01',
        name: guidOf(name),
        location: "[parameters('location')]",
        kind: 'shared',
        properties: {
          displayName: name,
          category: 'workbook',
          sourceId: "[parameters('workspaceId')]",
          serializedData: JSON.stringify(workbook()),
        },
      },
    ],
  }
}

/** As the workbook editor saves it (schema Notebook/1.0). */
export function workbook() {
  return {
    version: 'Notebook/1.0',
    items: [
      { type: 9, name: 'parameters', content: { version: 'KqlParameterItem/1.0', style: 'pills', parameters } },
      panel('How the promises stand', standingQuery(), 'table'),
      ...slos.map(slo => panel(`${slo.says}: share, and what is fine`, shareQuery(slo), 'linechart')),
      ...Object.entries(figureQueries).map(([title, query]) => panel(title, query, 'timechart')),
      panel('Everything any process said and did of a run', runQuery, 'table'),
    ],
    $schema: 'https://github.com/Microsoft/Application-Insights-Workbooks/blob/master/schema/workbook.json',
  }
}

const parameters = [
  {
    ...{ id: guidOf('Time'), version: 'KqlParameterItem/1.0', name: 'Time', type: 4, isRequired: true },
    value: { durationMs: 86_400_000 },
    typeSettings: {
      selectableValues: [3_600_000, 86_400_000, 604_800_000, 2_592_000_000].map(durationMs => ({ durationMs })),
    },
  },
  { id: guidOf('Run'), version: 'KqlParameterItem/1.0', name: 'Run', type: 1, value: '', description: 'Id of a run' },
]

function panel(title: string, query: string, visualization: 'table' | 'linechart' | 'timechart') {
  return {
    type: 3,
    name: title,
    content: {
      ...{ version: 'KqlItem/1.0', title, query, size: 0, visualization, queryType: 0 },
      resourceType: 'microsoft.operationalinsights/workspaces',
      timeContextFromParameter: 'Time',
    },
  }
}

/** A name of Azure's kind, always the same for the same text. */
function guidOf(of: string): string {
  const hex = createHash('sha256').update(`code-agent ${of}`).digest('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  )
}
