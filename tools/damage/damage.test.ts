import { expect, test } from 'vitest'
import { damages } from './damages.ts'
import { damaged, judge, tableOf } from './judge.ts'
import { renderWritten, writtenDiff } from './written-diff.ts'

const script = (name: string) => `import { open } from './door.ts'

/** What ${name} does. */
export function ${name}(first: string, second: number) {
  const hour = clock(first)
  // the hour decides what is said
  if (hour < ${name.length}) {
    return 'Good morning, ' + first
  }
  for (const guest of guests(second)) {
    greet(guest, "${name}")
    count = count + 1
  }
  return 'Hello, ' + first
}

export function leave${name}(first: string) {
  close(first)
  return { left: true, at: now() }
}
`
const python = `import os


def load(path, default=None):
    """Reads a file."""
    # the default is for files that are not there
    if not os.path.exists(path):
        return default
    with open(path) as source:
        for line in source:
            handle(line, 'plain')
    return True


def save(path, text):
    with open(path, 'w') as target:
        target.write(text)
`
const pipeline = `stages:
  - stage: build
    jobs:
      - job: compile
        steps:
          - script: npm ci
          - script: npm run build
  - stage: test
    jobs:
      - job: unit
        steps:
          - script: npm test
`
const edits = [
  {
    name: 'two scripts',
    files: [
      { path: 'src/enter.ts', before: script('enter'), after: script('enter').replace('hour < 5', 'hour < limit') },
      {
        path: 'src/visit.ts',
        before: script('visit'),
        after: script('visit')
          .replace(
            "  return 'Hello, ' + first\n",
            "  const polite = ask(first)\n  return polite ? 'Hello, ' + first : ''\n",
          )
          .replace('  close(first)\n', ''),
      },
    ],
  },
  {
    name: 'python',
    files: [
      {
        path: 'lib/files.py',
        before: python,
        after: python.replace(
          "            handle(line, 'plain')\n",
          '            if line:\n                handle(line, kind)\n',
        ),
      },
    ],
  },
  {
    name: 'a pipeline',
    files: [
      { path: 'azure-pipelines.yml', before: pipeline, after: pipeline.replace('run build', 'run build -- --fast') },
    ],
  },
]

test('no damage makes an edit land in the wrong place, and what must be refused is refused', () => {
  const judged = [1, 2, 3].flatMap(seed => [...damaged(edits, seed)]).map(judge)
  expect(
    judged.filter(({ verdict }) => verdict === 'wrong').map(({ one, said }) => [one.kind, said, one.diff]),
  ).toEqual([])
  const kinds = tableOf(judged)
  expect(kinds.length).toBeGreaterThan(55)
  const mustApply = judged.filter(({ one }) => one.expected)
  const right = mustApply.filter(({ verdict }) => verdict === 'right')
  expect(right.length / mustApply.length).toBeGreaterThan(0.93)
  expect(judged.length - mustApply.length).toBeGreaterThan(30)
})

test('an edit that lands where it does not belong is called wrong', () => {
  const [edit] = edits
  if (!edit) throw new Error('no edit')
  const files = Object.fromEntries(edit.files.map(({ path, before }) => [path, before]))
  const diff = renderWritten(writtenDiff(edit, 3))
  expect(judge({ kind: 'x', files, diff, expected: files }).verdict).toBe('wrong')
  expect(judge({ kind: 'x', files, diff }).verdict).toBe('wrong')
})

test('the same seed damages the same way', () => {
  const diffs = () => [...damaged(edits, 7)].map(({ diff }) => diff)
  expect(diffs()).toEqual(diffs())
  expect(Object.keys(damages).length).toBeGreaterThan(60)
})
