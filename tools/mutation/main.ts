// npm run mutation: how many small faults in libs/patch its tests notice. Says what survived; fails under 80 %.
import { parseArgs } from 'node:util'
import { Stryker } from '@stryker-mutator/core'

const leastScore = 80
const usage = `npm run mutation -- [--only PART]... [--fresh] [--json]

  --only PART  mutate only files of libs/patch/src whose name begins so
  --fresh      judge every mutant again, not only those whose code or tests changed
  --json       the result on one line of standard output

Exit code 0 only if at least ${leastScore} % of the mutants are noticed. A whole run takes about half an hour on two cores.`

function say(text: string): void {
  process.stderr.write(`${text}\n`)
}

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: [''] },
    fresh: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  say(usage)
  process.exit(0)
}

const stryker = new Stryker({
  mutate: [...values.only.map(part => `libs/patch/src/${part}*.ts`), '!libs/patch/src/**/*.test.ts'],
  testRunner: 'vitest',
  plugins: ['@stryker-mutator/vitest-runner'],
  vitest: { configFile: 'tools/mutation/vitest.config.ts', related: false },
  coverageAnalysis: 'perTest',
  // TypeScript 7 has no compiler for Stryker to read a tsconfig with.
  tsconfigFile: 'no-tsconfig.json',
  ignorePatterns: ['**', '!libs/patch/**', '!tools/mutation/**', '!package.json'],
  // Neither a message's wording nor the fallbacks that only the type checker asks for ("?? ''", "?.") are behaviour.
  mutator: { excludedMutations: ['StringLiteral', 'OptionalChaining'] },
  // Constants made on import would run every test for every mutant.
  ignoreStatic: true,
  incremental: true,
  incrementalFile: '.cache/mutation.json',
  force: values.fresh,
  concurrency: 2,
  timeoutMS: 10_000,
  reporters: ['progress-append-only'],
  allowEmpty: false,
  cleanTempDir: 'always',
})
// Stryker reports progress on standard output, which belongs to the result.
const result = process.stdout.write.bind(process.stdout)
process.stdout.write = process.stderr.write.bind(process.stderr)
const mutants = await stryker.runMutationTest()
const count = (...statuses: string[]) => mutants.filter(({ status }) => statuses.includes(status)).length
const noticed = count('Killed', 'Timeout')
const missed = count('Survived', 'NoCoverage')
const score = (100 * noticed) / Math.max(1, noticed + missed)
for (const { status, fileName, location, replacement, mutatorName } of mutants) {
  if (status !== 'Survived' && status !== 'NoCoverage') continue
  say(`${status}: ${fileName}:${location.start.line}:${location.start.column} ${mutatorName} ${replacement ?? ''}`)
}
say(`${noticed} of ${noticed + missed} mutants noticed: ${score.toFixed(1)} %`)
if (values.json) result(`${JSON.stringify({ score, noticed, missed, of: mutants.length })}\n`)
process.exitCode = noticed > 0 && score >= leastScore ? 0 : 1
