import { availableParallelism, cpus } from 'node:os'
import { parseArgs } from 'node:util'
import type { Figure, Measure } from './figure.ts'
import { measurePatches } from './figures/patches.ts'
import { measureRequests } from './figures/requests.ts'
import { measureRuns } from './figures/runs.ts'
import { measureStart } from './figures/start.ts'
import { measureWebhooks } from './figures/webhooks.ts'

const groups: Record<string, Measure> = {
  patches: measurePatches,
  webhooks: measureWebhooks,
  runs: measureRuns,
  requests: measureRequests,
  start: measureStart,
}

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})
const say = (message: string) => process.stderr.write(`${message}\n`)

if (values.help) {
  say(
    `npm run --silent bench -- [--json] [--quick] [--only GROUP]\n\n  --quick   fewer rounds: shows that everything runs, says little\n  --only    one of ${Object.keys(groups).join(', ')}`,
  )
} else if (values.only !== undefined && !(values.only in groups)) {
  say(`There is no group “${values.only}”: one of ${Object.keys(groups).join(', ')}.`)
  process.exitCode = 1
} else {
  await run()
}

async function run(): Promise<void> {
  say(`${cpus()[0]?.model ?? 'unknown processor'}, ${availableParallelism()} cores, Node ${process.version}`)
  const figures: Figure[] = []
  for (const [name, measure] of Object.entries(groups)) {
    if (values.only !== undefined && values.only !== name) continue
    say(`\n${name}`)
    const measured = await measure({ effort: values.quick ? 'quick' : 'full', say: message => say(`  ${message}`) })
    for (const line of measured) say(`  ${describe(line)}`)
    figures.push(...measured)
  }
  if (values.json) process.stdout.write(`${JSON.stringify({ figures })}\n`)
}

function describe({ name, value, unit, baseline, ratio, target }: Figure): string {
  const against = baseline === null ? '' : ` against ${baseline}: ratio ${ratio}`
  return `${name}: ${value} ${unit}${against} (to reach: ${target})`
}
