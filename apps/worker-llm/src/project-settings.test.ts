import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { ProjectSettings, readProjectSettings } from './project-settings.ts'

const offer = { models: ['claude-sonnet-5-5', 'claude-haiku-5-5'], maxVariants: 8 }
const read = (text: string) => readProjectSettings(text, offer)
const problemOf = (text: string) => {
  const result = read(text)
  return result.ok ? 'nothing' : result.problem
}

const example = `
model: claude-haiku-5-5
effort: medium
variants: 3
strategies:
  - name: Smallest
    brief: Change as few lines as possible.
  - name: Thorough
    brief: Change the root cause.
    model: claude-sonnet-5-5
    effort: high
instructions: |
  Write British English.
paths:
  include: [docs/architecture.md]
  protect: [infra/, '*.bicep']
  ignore: [vendor/]
draftTarget: target
ciMarker: '[skip ci]'
`

test('everything that can be said is read', () => {
  expect(read(example)).toMatchObject({
    ok: true,
    settings: { variants: 3, strategies: [{ name: 'Smallest' }, { effort: 'high' }], paths: { ignore: ['vendor/'] } },
  })
  for (const nothing of ['', '# nothing yet\n', '\uFEFF', '{}'])
    expect(read(nothing)).toEqual({ ok: true, settings: {} })
})

test.each([
  ['effort: fast\n', 'line 1: effort is "fast", expected one of "low"|"medium"|"high"|"xhigh"|"max"'],
  ['# a\n\nvariants: many\n', 'line 3: variants is "many", expected number, received string'],
  ['variants: 0\n', 'line 1: variants is 0,'],
  ['variants: 9\n', 'line 1: 9 variants are more than the 8 allowed here'],
  ['effort: low\nmodle: x\n', 'line 2: there is no setting "modle"; there are model, effort,'],
  ['paths:\n  protected: [a]\n', 'line 2: there is no setting "paths.protected"; there are include, protect, ignore'],
  ['strategies:\n  - name: A\n', 'line 2: strategies.0.brief is missing,'],
  [
    'strategies:\n  - name: A\n    brief: B\n    model: gpt-5\n',
    'line 4: the model "gpt-5" is not offered here; offered: claude-sonnet-5-5, claude-haiku-5-5',
  ],
  ['model: "unclosed\n', 'line 2: this is not YAML: Missing closing'],
  ['a: 1\na: 2\n', 'line 2: this is not YAML: Map keys must be unique'],
  ['- a\n- b\n', 'the file is ["a","b"], expected'],
  ['just words', 'the file is "just words", expected'],
  ['paths:\n  protect: infra\n', 'line 2: paths.protect is "infra", expected array'],
])('%j is answered: %s', (text, says) => {
  expect(problemOf(text)).toContain(says)
  expect(problemOf(text)).toMatch(
    /^The file \.code-agent\.yml of the target branch is wrong: .*Correct it there, then comment again\.$/s,
  )
})

test('a file without end is not read', () => {
  expect(problemOf(`instructions: ${'x'.repeat(70_000)}`)).toContain('the file is longer than 64000 characters')
})

test('several mistakes are named together, but not without end', () => {
  const problem = problemOf(Array.from({ length: 9 }, (_, n) => `k${n}: 1\n`).join(''))
  expect(problem.match(/there is no setting/g)).toHaveLength(3)
  expect(problem).toContain('; and 6 more.')
})

test('whatever the text, there is an answer, soon, and short enough for a comment', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.constantFrom(example).map(text => text.slice(0, 200)),
      ),
      text => {
        const result = read(text)
        expect(result.ok || result.problem.length <= 600).toBe(true)
      },
    ),
  )
  const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefgh'
    .split('')
    .map((key, n) => `${key}: &${key} [${`*${'abcdefg'[n]},`.repeat(9)}]\n`)
    .join('')}`
  const begun = performance.now()
  expect(read(bomb).ok).toBe(false)
  expect(performance.now() - begun).toBeLessThan(2_000)
})

test('the published schema is the one that is read by', () => {
  const schema = z.toJSONSchema(ProjectSettings, { io: 'input' })
  const published: unknown = JSON.parse(
    readFileSync(join(import.meta.dirname, '../../../docs/code-agent.schema.json'), 'utf8'),
  )
  expect(published, `docs/code-agent.schema.json should be ${JSON.stringify(schema)}`).toEqual(schema)
})

test('the example in the documentation is right, and names every setting', () => {
  const text = readFileSync(join(import.meta.dirname, '../../../docs/configuration.md'), 'utf8')
  const [, documented = ''] = /```yaml\n([\s\S]*?)```/.exec(text) ?? []
  const result = readProjectSettings(documented, { models: ['claude-sonnet-5-5', 'claude-opus-5-5'], maxVariants: 8 })
  expect(result).toMatchObject({ ok: true })
  expect(Object.keys(result.ok ? result.settings : {}).toSorted()).toEqual(
    Object.keys(ProjectSettings.shape).toSorted(),
  )
})
