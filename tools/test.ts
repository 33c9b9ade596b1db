// npm test [-- libs/patch …]: everything that must pass, or the files whose path contains one of the arguments.
import { parseCLI, startVitest } from 'vitest/node'
import { closingLine, countTests, isSuccess } from './test-counts.ts'

const { filter, options } = parseCLI(['vitest', 'run', ...process.argv.slice(2)])

async function runTests() {
  const vitest = await startVitest(filter, { ...options, run: true, watch: false })
  const counts = countTests(vitest)
  await vitest.close()
  return counts
}

const counts = await runTests().catch((error: unknown) => {
  console.error(error)
  return { passed: 0, failed: 1, skipped: 0 }
})
process.stdout.write(`\n${closingLine(counts)}\n`, () => process.exit(isSuccess(counts) ? 0 : 1))
