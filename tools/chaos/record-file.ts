import { execFileSync } from 'node:child_process'
import { appendFileSync, readFileSync } from 'node:fs'
import { cancelPercentiles, classRecords, summaryOf, TrialRecord } from './record.ts'

/** One line of JSON a schedule: series that ran side by side or one after the other make one record. */
export function appendRecord(file: string, record: TrialRecord): void {
  appendFileSync(file, `${JSON.stringify(record)}\n`)
}

/** @throws naming file and line of what is no record */
export function readRecords(files: readonly string[]): TrialRecord[] {
  return files.flatMap(file =>
    readFileSync(file, 'utf8')
      .split('\n')
      .flatMap((line, index) => {
        if (line === '') return []
        const read = TrialRecord.safeParse(parsed(line))
        if (!read.success) throw new Error(`${file}, line ${index + 1}, is no record of a schedule`)
        return [read.data]
      }),
  )
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

/** The commit that is tried; `+` if something of it was changed. */
export function revision(): string {
  const git = (...args: string[]) =>
    execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  try {
    return git('rev-parse', '--short', 'HEAD').trim() + (git('status', '--porcelain', '-uno') === '' ? '' : '+')
  } catch {
    return 'unknown'
  }
}

/** The record for people: totals, then a table in Markdown, fault by fault. */
export function tableOf(records: readonly TrialRecord[]): string {
  const { acked, lost, duplicated, stuck, other } = summaryOf(records)
  const seconds = (ms: number | null) => (ms === null ? '–' : `${(ms / 1_000).toFixed(1)} s`)
  const rows = classRecords(records).map(({ name, struck, held, gross, net }) => {
    const figures = [gross.p50Ms, gross.p95Ms, net.p50Ms, net.p95Ms].map(seconds)
    return `| ${[name, `${held} of ${struck}`, ...figures].join(' | ')} |`
  })
  const revisions = [...new Set(records.map(one => `${one.revision} (${one.pace}, ${one.redis})`))]
  const sum = (of: (record: TrialRecord) => number) => records.reduce((total, record) => total + of(record), 0)
  const cancels = cancelPercentiles(records, false)
  return [
    `${records.length} schedules, ${acked} requests acknowledged: ${lost} lost, ${duplicated} doubled, ${stuck} stuck, ${other} otherwise wrong.`,
    `${sum(one => one.draftless)} of ${sum(one => one.variants)} variants failed. Revisions: ${revisions.join('; ')}.`,
    `/cancel, under faults or not, to the last moment of work: p50 ${seconds(cancels.p50Ms)}, p95 ${seconds(cancels.p95Ms)}.`,
    '',
    '| fault | held | gross p50 | gross p95 | net p50 | net p95 |',
    '|---|---|---|---|---|---|',
    ...rows,
  ].join('\n')
}
