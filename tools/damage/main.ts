// npm run damage: real edits, damaged in the ways models damage diffs, and what libs/patch makes of them.
import { parseArgs } from 'node:util'
import { randomOf } from '../chaos/random.ts'
import { gitEdits } from './git-edits.ts'
import { damaged, type Judged, judge, type Row, tableOf } from './judge.ts'

const usage = `npm run --silent damage -- [--repo DIR] [--edits N] [--seed S] [--only KIND]... [--show N] [--cases] [--json]

  --repo DIR   whose history the edits are taken from (default: this repository)
  --edits N    how many edits, each damaged in every way it lends itself to (default 50)
  --seed S     which edits and how exactly (default 1)
  --only KIND  only kinds of damage whose name begins so
  --show N     the first N cases that came out wrong, and the first N that were refused, on standard error
  --cases      each case as one line of JSON {id, class, sub, files, diff, expected | expectRefuse} instead of a table
  --json       the result on one line

Exit code 0 only if nothing was applied wrongly.`

const { values } = parseArgs({
  options: {
    repo: { type: 'string', default: '.' },
    edits: { type: 'string', default: '50' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', multiple: true, default: [''] },
    show: { type: 'string', default: '0' },
    cases: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
const [count, seed, show] = [Number(values.edits), Number(values.seed), Number(values.show)]

function say(text: string): void {
  process.stderr.write(`${text}\n`)
}

function print(rows: readonly Row[]): void {
  const percent = (part: number, of: number) => (of === 0 ? '-' : ((100 * part) / of).toFixed(1))
  say(`${'kind of damage'.padEnd(50)} cases  right %  refused %  wrong`)
  for (const { kind, cases, right, refused, wrong } of rows) {
    const share = `${percent(right, cases).padStart(8)} ${percent(refused, cases).padStart(10)}`
    say(`${kind.padEnd(50)} ${String(cases).padStart(5)} ${share} ${String(wrong).padStart(6)}`)
  }
}

function tell(judged: readonly Judged[], verdict: Judged['verdict']): void {
  for (const { one, said } of judged.filter(each => each.verdict === verdict).slice(0, show)) {
    say(`\n=== ${verdict}: ${one.kind} (${said}) ${Object.keys(one.files).join(' ')}\n${one.diff}`)
  }
}

function sum(rows: readonly Row[], kind: string): Row {
  const total = { kind, cases: 0, right: 0, refused: 0, wrong: 0 }
  for (const row of rows) for (const key of ['cases', 'right', 'refused', 'wrong'] as const) total[key] += row[key]
  return total
}

if (values.help || !Number.isSafeInteger(count) || count < 1 || !Number.isSafeInteger(seed)) {
  say(usage)
  process.exit(values.help ? 0 : 1)
}
const edits = gitEdits(values.repo, count, randomOf(seed))
if (edits.length === 0) throw new Error(`The history of ${values.repo} has no commit that changes text files.`)
const cases = [...damaged(edits, seed, values.only)]
const judged = cases.map(judge)
const rows = tableOf(judged)
const mustApply = sum(
  rows.filter(({ kind }) => !kind.startsWith('refused:')),
  'all that must apply',
)
const mustRefuse = sum(
  rows.filter(({ kind }) => kind.startsWith('refused:')),
  'all that must be refused',
)
if (values.cases) {
  cases.forEach((one, i) => {
    const end = one.expected ? { expected: one.expected } : { expectRefuse: true }
    process.stdout.write(
      `${JSON.stringify({ id: i, class: one.kind, sub: one.kind, files: one.files, diff: one.diff, ...end })}\n`,
    )
  })
}
tell(judged, 'wrong')
tell(judged, 'refused')
print([...rows, mustApply, mustRefuse])
if (values.json)
  process.stdout.write(`${JSON.stringify({ seed, edits: edits.length, mustApply, mustRefuse, kinds: rows })}\n`)
process.exitCode = mustApply.wrong + mustRefuse.wrong === 0 ? 0 : 1
