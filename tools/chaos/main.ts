// npm run --silent chaos -- --runs N --seed S --json: N seeded fault schedules against a whole installation of its own.
import { parseArgs } from 'node:util'
import { startInstallation } from './installation.ts'
import { type PaceName, paceNames, paces } from './pace.ts'
import { classRecords, recoveries, summaryOf, type Trial, usualMsOf } from './record.ts'
import { scheduleOf } from './schedule.ts'
import { storyOf } from './story.ts'
import { calm, trial } from './trial.ts'

const usage = `npm run --silent chaos -- [--runs N] [--seed S] [--only FAULT]... [--pace hasty|fast|production] [--json]

  --runs N     how many schedules, each with at least three requests (default 10)
  --seed S     of the first schedule, the next ones count on (default: drawn); the same seed is the same schedule
  --only FAULT draw only faults whose class begins so: "kill -9", "redis-flush", "Azure DevOps cut-after" …
  --pace       fast (default) waits a fifth as long for leases and locks as an installation does by default
  --minutes M  begin no schedule after so many, however many are left
  --slow MS    tell the story of every schedule that takes longer than this, held or not
  --json       the result on one line of standard output

Exit code 0 only if nothing was lost, doubled, stuck or otherwise wrong.`

const leaving = new AbortController()

function say(text: string): void {
  process.stderr.write(`${text}\n`)
}

function readArguments() {
  const { values } = parseArgs({
    options: {
      runs: { type: 'string', default: '10' },
      seed: { type: 'string', default: String(Math.floor(Math.random() * 1e6)) },
      only: { type: 'string', multiple: true },
      pace: { type: 'string', default: 'fast' },
      minutes: { type: 'string', default: 'Infinity' },
      slow: { type: 'string', default: 'Infinity' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const [runs, seed, slowMs] = [Number(values.runs), Number(values.seed), Number(values.slow)]
  const endsAt = performance.now() + Number(values.minutes) * 60_000
  const pace = paceNames.find(name => name === values.pace)
  if (!Number.isSafeInteger(runs) || runs < 1 || !Number.isSafeInteger(seed) || !pace) throw new TypeError(usage)
  return { ...values, runs, seed, slowMs, endsAt, pace }
}

type Settings = {
  runs: number
  seed: number
  slowMs: number
  endsAt: number
  only?: string[] | undefined
  pace: PaceName
}

async function chaos(of: Settings, trials: Trial[]): Promise<void> {
  const pace = paces[of.pace]
  const installation = await startInstallation(pace)
  const leave = (code: number) => {
    leaving.abort()
    void installation.stop().finally(() => process.exit(code))
  }
  process.once('SIGTERM', () => leave(143))
  process.once('SIGINT', () => leave(130))
  try {
    // The first requests meet caches that are empty.
    await trial(installation, calm(1), pace)
    const usualMs = usualMsOf(await trial(installation, calm(2), pace))
    say(`Nothing goes wrong: a run takes ${Math.round(usualMs)} ms.`)
    for (let run = 0; run < of.runs && performance.now() < of.endsAt; run++) {
      const began = performance.now()
      const one = await trial(installation, scheduleOf(of.seed + run, of.only), pace)
      trials.push(one)
      report(one, { tookMs: performance.now() - began, slowMs: of.slowMs })
    }
  } finally {
    await installation.stop()
  }
}

function report(one: Trial, of: { tookMs: number; slowMs: number }): void {
  const { played, violations } = one
  const faults = recoveries(one).map(({ name, ms }) => `${name} +${ms} ms`)
  const verdict = violations.length === 0 ? 'held' : 'VIOLATED'
  say(`seed ${played.seed}: ${verdict} in ${(of.tookMs / 1_000).toFixed(1)} s: ${faults.join(', ')}`)
  if (played.unexplained.length > 0) say(`  ended by themselves: ${played.unexplained.join(', ')}`)
  if (violations.length > 0 || of.tookMs > of.slowMs) say(storyOf(one))
}

async function main(): Promise<number> {
  const { json, help, ...settings } = readArguments()
  if (help) {
    say(usage)
    return 0
  }
  say(`Chaos: ${settings.runs} schedules from seed ${settings.seed}.`)
  const trials: Trial[] = []
  await chaos(settings, trials)
  for (const { name, struck, held, p50Ms, p95Ms } of classRecords(trials)) {
    say(`| ${name} | ${held} of ${struck} | ${p50Ms ?? '–'} | ${p95Ms ?? '–'} |`)
  }
  const failed = trials
    .flatMap(one => one.evidence)
    .flatMap(one => one.runs)
    .flatMap(run => run.variants)
  say(
    `${failed.filter(({ outcome }) => outcome !== 'done').length} of ${failed.length} variants ended without a draft.`,
  )
  const summary = summaryOf(trials)
  if (json) process.stdout.write(`${JSON.stringify({ ...summary, seed: settings.seed })}\n`)
  else say(JSON.stringify(summary))
  return summary.lost + summary.duplicated + summary.stuck + summary.other === 0 ? 0 : 1
}

process.exitCode = await main().catch((error: unknown) => {
  // What is taken down in the middle of a schedule complains.
  if (!leaving.signal.aborted) say(error instanceof Error ? (error.stack ?? error.message) : String(error))
  return 1
})
