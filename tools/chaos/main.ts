// npm run --silent chaos -- --runs N --seed S --json: N seeded fault schedules against a whole installation of its own.
import { parseArgs } from 'node:util'
import { type RedisKind, redisKinds, startInstallation } from './installation.ts'
import { type PaceName, paceNames, paces } from './pace.ts'
import { type Circumstances, recordOf, summaryOf, type Trial, type TrialRecord, usualMsOf } from './record.ts'
import { appendRecord, readRecords, revision, tableOf } from './record-file.ts'
import { scheduleOf, undisturbed } from './schedule.ts'
import { storyOf } from './story.ts'
import { calm, trial } from './trial.ts'

const usage = `npm run --silent chaos -- [--runs N] [--seed S] [--only FAULT]... [--pace hasty|fast|production] [--json]
npm run --silent chaos -- --table FILE...

  --runs N       how many schedules, each with at least three requests (default 10)
  --seed S       of the first schedule, the next ones count on (default: drawn); the same seed is the same schedule
  --only FAULT   draw only faults whose class begins so: "kill -9", "redis-flush", "Azure DevOps cut-after" …
  --faults N     at most so many faults in a schedule (default: as many as are drawn, one to six)
  --pace         fast (default) waits a fifth as long for leases and locks as an installation does by default
  --redis        pair (default): a primary and a replica; sentinel: the same under the eyes of three Sentinels
  --compare      play each schedule without its faults first, and tell by how much they delayed a run
  --minutes M    begin no schedule after so many, however many are left; one that still moves a minute later is left
                 unfinished, which says nothing unless something was lost or doubled
  --slow MS      tell the story of every schedule that takes longer than this, held or not
  --record FILE  add a line of JSON for each schedule
  --table        read such files, play nothing, and print the record of all of them
  --counts       end with the line "N passed, N failed", a schedule each; those not finished in time count as neither
  --json         the result on one line of standard output

Exit code 0 only if nothing was lost, doubled, stuck or otherwise wrong.`

/** What is under way when the time is over may go on for so long. */
const graceMs = 60_000

const leaving = new AbortController()

function say(text: string): void {
  process.stderr.write(`${text}\n`)
}

function readArguments() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      runs: { type: 'string', default: '10' },
      seed: { type: 'string', default: String(Math.floor(Math.random() * 1e6)) },
      only: { type: 'string', multiple: true },
      faults: { type: 'string', default: 'Infinity' },
      pace: { type: 'string', default: 'fast' },
      redis: { type: 'string', default: 'pair' },
      compare: { type: 'boolean', default: false },
      minutes: { type: 'string', default: 'Infinity' },
      slow: { type: 'string', default: 'Infinity' },
      record: { type: 'string' },
      table: { type: 'boolean', default: false },
      counts: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const [runs, seed, slowMs, faults] = [values.runs, values.seed, values.slow, values.faults].map(Number)
  const endsAt = performance.now() + Number(values.minutes) * 60_000
  const pace = paceNames.find(name => name === values.pace)
  const redis = redisKinds.find(name => name === values.redis)
  const whole = (value: number | undefined): value is number => Number.isSafeInteger(value)
  if (!whole(runs) || runs < 1 || !whole(seed) || !pace || !redis || !faults || Number.isNaN(endsAt) || !slowMs)
    throw new TypeError(usage)
  return { ...values, files: positionals, runs, seed, slowMs, faults, endsAt, pace, redis }
}

type Settings = {
  runs: number
  seed: number
  slowMs: number
  endsAt: number
  faults: number
  compare: boolean
  only?: string[] | undefined
  record?: string | undefined
  pace: PaceName
  redis: RedisKind
}

async function chaos(of: Settings, records: TrialRecord[]): Promise<void> {
  const pace = paces[of.pace]
  const installation = await startInstallation(pace, of.redis)
  const leave = (code: number) => {
    leaving.abort()
    void installation.stop().finally(() => process.exit(code))
  }
  process.once('SIGTERM', () => leave(143))
  process.once('SIGINT', () => leave(130))
  try {
    for (const { kind, because } of installation.impossible) say(`skipped: no ${kind}, since ${because}.`)
    // The first requests meet caches that are empty.
    await trial(installation, calm(1), pace)
    const usualMs = usualMsOf(await trial(installation, calm(2), pace))
    say(`Nothing goes wrong: a run takes ${usualMs} ms.`)
    const circumstances = { revision: revision(), pace: of.pace, redis: of.redis, usualMs }
    for (let run = 0; run < of.runs && performance.now() < of.endsAt; run++) {
      const schedule = scheduleOf(of.seed + run, of.only, of.faults)
      const before = of.compare ? await trial(installation, undisturbed(schedule), pace) : undefined
      const began = performance.now()
      const one = await trial(installation, schedule, pace, of.endsAt + graceMs)
      if (one.played.unfinished && one.violations.length === 0) {
        say(`seed ${schedule.seed}: not finished in time`)
        break
      }
      const record = recordOf(one, circumstances satisfies Circumstances, before)
      records.push(record)
      if (of.record !== undefined) appendRecord(of.record, record)
      report(one, record, { tookMs: performance.now() - began, slowMs: of.slowMs })
    }
  } finally {
    await installation.stop()
  }
}

function report(one: Trial, { faults }: TrialRecord, of: { tookMs: number; slowMs: number }): void {
  const { played, violations } = one
  const told = faults.map(({ name, grossMs, netMs }) =>
    [name, ...(grossMs === undefined ? [] : [`+${grossMs} ms`]), ...(netMs === undefined ? [] : [`(${netMs})`])].join(
      ' ',
    ),
  )
  const verdict = violations.length === 0 ? 'held' : 'VIOLATED'
  say(`seed ${played.seed}: ${verdict} in ${(of.tookMs / 1_000).toFixed(1)} s: ${told.join(', ')}`)
  if (played.unexplained.length > 0) say(`  ended by themselves: ${played.unexplained.join(', ')}`)
  if (violations.length > 0 || of.tookMs > of.slowMs) say(storyOf(one))
}

async function main(): Promise<number> {
  const { json, help, table, counts, files, ...settings } = readArguments()
  if (help) {
    say(usage)
    return 0
  }
  if (table) {
    process.stdout.write(`${tableOf(readRecords(files))}\n`)
    return 0
  }
  say(`Chaos: ${settings.runs} schedules from seed ${settings.seed}.`)
  const records: TrialRecord[] = []
  await chaos(settings, records)
  say(tableOf(records))
  const summary = summaryOf(records)
  if (json) process.stdout.write(`${JSON.stringify({ ...summary, seed: settings.seed })}\n`)
  else say(JSON.stringify(summary))
  const held = records.filter(({ violations }) => violations.length === 0).length
  if (counts) process.stdout.write(`${held} passed, ${records.length - held} failed\n`)
  return held === records.length ? 0 : 1
}

process.exitCode = await main().catch((error: unknown) => {
  // What is taken down in the middle of a schedule complains.
  if (!leaving.signal.aborted) say(error instanceof Error ? (error.stack ?? error.message) : String(error))
  return 1
})
