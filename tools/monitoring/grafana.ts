import {
  BigValueGraphMode,
  GraphDrawStyle,
  StackingConfigBuilder,
  StackingMode,
} from '@grafana/grafana-foundation-sdk/common'
import {
  DashboardBuilder,
  DatasourceVariableBuilder,
  type Dashboard as GrafanaDashboard,
  RowBuilder,
  TextBoxVariableBuilder,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { PanelBuilder as LogsPanel } from '@grafana/grafana-foundation-sdk/logs'
import { DataqueryBuilder as LokiQuery } from '@grafana/grafana-foundation-sdk/loki'
import { DataqueryBuilder as PrometheusQuery } from '@grafana/grafana-foundation-sdk/prometheus'
import { PanelBuilder as StatPanel } from '@grafana/grafana-foundation-sdk/stat'
import { PanelBuilder as TimeseriesPanel } from '@grafana/grafana-foundation-sdk/timeseries'
import type { Dashboard, Panel } from './dashboards.ts'

const prometheus = { type: 'prometheus', uid: '$prometheus' }
const loki = { type: 'loki', uid: '$loki' }

/** A dashboard as Grafana imports it. Whoever imports it chooses the data sources. */
export function grafanaDashboard({ uid, title, rows }: Dashboard): GrafanaDashboard {
  const builder = new DashboardBuilder(title)
    .uid(uid)
    .tags(['code-agent'])
    .refresh('30s')
    .time({ from: 'now-6h', to: 'now' })
    .timezone('browser')
    .readonly()
  const kinds = new Set(rows.flatMap(({ panels }) => panels.map(({ kind }) => kind)))
  if (kinds.has('logs')) {
    builder.withVariable(new DatasourceVariableBuilder('loki').label('Logs').type('loki'))
    builder.withVariable(new TextBoxVariableBuilder('run').label('Run').defaultValue(''))
  }
  if (kinds.size > (kinds.has('logs') ? 1 : 0)) {
    builder.withVariable(new DatasourceVariableBuilder('prometheus').label('Metrics').type('prometheus'))
  }
  for (const row of rows) {
    builder.withRow(new RowBuilder(row.title))
    for (const panel of row.panels) builder.withPanel(panelOf(panel))
  }
  return builder.build()
}

function panelOf(panel: Panel) {
  if (panel.kind === 'logs') return logsPanel(panel)
  return panel.kind === 'number' ? numberPanel(panel) : graphPanel(panel)
}

function graphPanel(panel: Panel) {
  const built = new TimeseriesPanel()
    .title(panel.title)
    .datasource(prometheus)
    .unit(panel.unit)
    .min(0)
    .height(8)
    .span(12)
    .fillOpacity(panel.kind === 'stack' ? 30 : 5)
    .drawStyle(GraphDrawStyle.Line)
    .targets(queriesOf(panel))
  if (panel.says !== undefined) built.description(panel.says)
  if (panel.kind === 'stack') built.stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A'))
  return built
}

function numberPanel(panel: Panel) {
  const [yellow, red] = panel.thresholds ?? []
  const steps = [
    { value: null, color: 'green' },
    ...(yellow === undefined || yellow === red ? [] : [{ value: yellow, color: 'yellow' }]),
    ...(red === undefined ? [] : [{ value: red, color: 'red' }]),
  ]
  return new StatPanel()
    .title(panel.title)
    .datasource(prometheus)
    .unit(panel.unit)
    .height(5)
    .span(6)
    .noValue('nothing yet')
    .graphMode(BigValueGraphMode.Area)
    .thresholds(new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps))
    .targets(queriesOf(panel))
}

function logsPanel({ title, queries }: Panel) {
  const targets = Object.values(queries).map((expr, index) =>
    new LokiQuery().datasource(loki).expr(expr).refId(refId(index)).maxLines(2_000),
  )
  return new LogsPanel()
    .title(title)
    .datasource(loki)
    .height(24)
    .span(24)
    .showTime(true)
    .wrapLogMessage(true)
    .enableLogDetails(true)
    .targets(targets)
}

function queriesOf({ queries }: Panel) {
  return Object.entries(queries).map(([legend, expr], index) =>
    new PrometheusQuery().datasource(prometheus).expr(expr).legendFormat(legend).refId(refId(index)).range(),
  )
}

function refId(index: number): string {
  return String.fromCharCode('A'.charCodeAt(0) + index)
}
