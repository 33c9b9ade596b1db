import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { z } from 'zod'

type Description<Label extends string> = { name: string; help: string; labels?: readonly Label[] }

export type Metrics = {
  counter<Label extends string>(of: Description<Label>): Counter<Label>
  /** `buckets` are upper bounds, in the unit the name ends with. */
  histogram<Label extends string>(of: Description<Label> & { buckets: number[] }): Histogram<Label>
  /** `read` is called at each scrape; if it throws the gauge keeps its values. */
  gauge<Label extends string>(of: Description<Label> & { read: (gauge: Gauge<Label>) => Promise<void> }): Gauge<Label>
  contentType: string
  /** All metrics in the Prometheus text format. */
  text(): Promise<string>
  /** The same for whoever is sent them instead of asking. */
  read(): Promise<MetricReading[]>
}

/** One metric as it stands. Values of a histogram are told apart by `metricName`: its name with _bucket, _sum or _count. */
const MetricReading = z.object({
  name: z.string(),
  help: z.string(),
  type: z.enum(['counter', 'gauge', 'histogram']),
  values: z.array(
    z.object({
      metricName: z.string().optional(),
      /** NaN when nothing was measured yet. */
      value: z.number().or(z.nan()),
      labels: z.record(z.string(), z.union([z.string(), z.number()])),
    }),
  ),
})
export type MetricReading = z.infer<typeof MetricReading>

/** A registry of its own, with the process's own figures in it. */
export function createMetrics(service: string): Metrics {
  const registry = new Registry()
  registry.setDefaultLabels({ service })
  collectDefaultMetrics({ register: registry })
  const base = <Label extends string>({ name, help, labels = [] }: Description<Label>) => ({
    name,
    help,
    labelNames: [...labels],
    registers: [registry],
  })
  return {
    counter: of => new Counter(base(of)),
    histogram: of => new Histogram({ ...base(of), buckets: of.buckets }),
    gauge(of) {
      return new Gauge({
        ...base(of),
        // A dependency that is down must not take the other metrics down with it.
        async collect() {
          await of.read(this).catch(() => {})
        },
      })
    },
    contentType: registry.contentType,
    text: () => registry.metrics(),
    read: async () => z.array(MetricReading).parse(await registry.getMetricsAsJSON()),
  }
}
