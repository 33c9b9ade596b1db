import { type HrTime, ValueType } from '@opentelemetry/api'
import { emptyResource } from '@opentelemetry/resources'
import {
  AggregationTemporality,
  type DataPoint,
  DataPointType,
  type MetricData,
  type MetricProducer,
} from '@opentelemetry/sdk-metrics'
import type { MetricReading, Metrics } from './metrics.ts'

/** Of histograms only sum and count are sent, and how many were within these bounds: what the promises ask for. */
export const sentBounds: Readonly<Record<string, number>> = { code_agent_request_to_overview_seconds: 90 }

/** What Node and prom-client tell of every process and we send too. */
const ofProcesses: ReadonlySet<string> = new Set([
  'process_start_time_seconds',
  'process_resident_memory_bytes',
  'process_cpu_seconds_total',
  'nodejs_eventloop_lag_p99_seconds',
])

function hrTime(): HrTime {
  const now = Date.now()
  return [Math.floor(now / 1_000), (now % 1_000) * 1_000_000]
}

type Interval = { startTime: HrTime; endTime: HrTime }

/**
 * The registry's own figures as OpenTelemetry has them: /metrics stays the one source. What is counted is told as what came
 * to it since the last time (delta), as Application Insights adds up, and not at all when nothing did.
 */
export function metricBridge(metrics: Metrics): MetricProducer {
  const before = new Map<string, number>()
  let since = hrTime()

  /** What came to a series since the last time. A series that is new began at 0. */
  function increase(name: string, { labels, value }: MetricReading['values'][number]): number {
    const key = `${name} ${JSON.stringify(labels)}`
    const added = value - (before.get(key) ?? 0)
    before.set(key, value)
    return added
  }

  return {
    async collect() {
      const interval = { startTime: since, endTime: hrTime() }
      since = interval.endTime
      const told = (await metrics.read()).filter(({ name }) => name.startsWith('code_agent_') || ofProcesses.has(name))
      const data = told.flatMap(reading => {
        if (reading.type === 'gauge') return [gauge(reading, interval)]
        if (reading.type === 'counter') return [sum(reading.name, reading, interval, increase)]
        return histogram(reading, interval, increase)
      })
      const scope = { name: 'code-agent' }
      const filled = data.filter(({ dataPoints }) => dataPoints.length > 0)
      return {
        resourceMetrics: { resource: emptyResource(), scopeMetrics: [{ scope, metrics: filled }] },
        errors: [],
      }
    },
  }
}

type Increase = (name: string, value: MetricReading['values'][number]) => number

function gauge(reading: MetricReading, interval: Interval): MetricData {
  return {
    ...described(reading.name, reading),
    dataPointType: DataPointType.GAUGE,
    dataPoints: reading.values
      .filter(({ value }) => Number.isFinite(value))
      .map(({ labels, value }) => ({ ...interval, attributes: labels, value })),
  }
}

function sum(name: string, reading: MetricReading, interval: Interval, increase: Increase): MetricData {
  const dataPoints: DataPoint<number>[] = reading.values.map(value => ({
    ...interval,
    attributes: value.labels,
    value: increase(name, value),
  }))
  return {
    ...described(name, reading),
    dataPointType: DataPointType.SUM,
    isMonotonic: true,
    dataPoints: dataPoints.filter(({ value }) => value !== 0),
  }
}

/** `name` with sum and count; `name_bucket` counts what was within the bound that is asked for. */
function histogram(reading: MetricReading, interval: Interval, increase: Increase): MetricData[] {
  const { name } = reading
  const ending = (end: string) => reading.values.filter(({ metricName }) => metricName === `${name}_${end}`)
  const sums = new Map(ending('sum').map(value => [JSON.stringify(value.labels), increase(`${name}_sum`, value)]))
  const dataPoints = ending('count').map(value => {
    const counted = { sum: sums.get(JSON.stringify(value.labels)) ?? 0, count: increase(`${name}_count`, value) }
    return { ...interval, attributes: value.labels, value: { ...counted, buckets: { boundaries: [], counts: [] } } }
  })
  const whole: MetricData = {
    ...described(name, reading),
    dataPointType: DataPointType.HISTOGRAM,
    dataPoints: dataPoints.filter(({ value }) => value.count > 0),
  }
  const bound = sentBounds[name]
  if (bound === undefined) return [whole]
  const within = ending('bucket').filter(({ labels }) => Number(labels.le) === bound)
  return [whole, sum(`${name}_bucket`, { ...reading, values: within }, interval, increase)]
}

function described(name: string, { help }: MetricReading) {
  return {
    descriptor: { name, description: help, unit: '', valueType: ValueType.DOUBLE },
    aggregationTemporality: AggregationTemporality.DELTA,
  }
}
