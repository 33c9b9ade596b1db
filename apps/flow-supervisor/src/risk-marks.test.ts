import { expect, test } from 'vitest'
import { riskMarks } from './risk-marks.ts'

const edited = (...paths: string[]) => paths.map(path => ({ path, kind: 'edit' as const }))

test.each([
  ['package.json', 'changes dependencies'],
  ['src/Shop/Shop.csproj', 'changes dependencies'],
  ['web/package-lock.json', 'changes locked versions'],
  ['Dockerfile', 'changes containers'],
  ['deploy/docker-compose.prod.yml', 'changes containers'],
  ['azure-pipelines.yml', 'changes pipelines'],
  ['.azuredevops/pipelines/build.yaml', 'changes pipelines'],
  ['.github/workflows/ci.yml', 'changes pipelines'],
  ['infra/main.bicep', 'changes infrastructure'],
  ['.code-agent.yml', 'changes agent settings'],
])('%s: %s', (path, mark) => {
  expect(riskMarks(edited(path))).toEqual([mark])
})

test('ordinary files, tests that are changed, and what only sounds like it bear no mark', () => {
  expect(riskMarks(edited('src/a.ts', 'src/a.test.ts', 'docs/package.json.md', 'src/pipelines/index.ts'))).toEqual([])
  expect(riskMarks([{ path: 'src/contest.ts', kind: 'delete' }])).toEqual([])
})

test('deleted tests are counted and come first', () => {
  const gone = ['a.test.ts', 'tests/x.py', 'src/FooTests.cs', 'test_y.py'].map(path => ({
    path,
    kind: 'delete' as const,
  }))
  expect(riskMarks([...edited('package.json'), ...gone])).toEqual(['deletes 4 tests', 'changes dependencies'])
  expect(riskMarks(gone.slice(0, 1))).toEqual(['deletes a test'])
})
