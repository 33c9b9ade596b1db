import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

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
}

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
  }
}
