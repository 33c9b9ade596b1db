import { expect, test } from 'vitest'
import { applyPatchLines } from './apply-patch.ts'

async function* lines(...all: string[]): AsyncGenerator<string> {
  yield* all
}

test('each request line gets one answer line, in order', async () => {
  const answers: string[] = []
  const diff = '--- a/a\n+++ b/a\n@@\n-x\n+y\n--- a/b\n+++ /dev/null\n@@\n-z\n'
  const good = JSON.stringify({ id: 1, files: { a: 'x\n', b: 'z\n' }, diff })
  const bad = JSON.stringify({ id: 'two', files: { a: 'q\n' }, diff })
  await applyPatchLines(lines(good, '', bad, 'nonsense'), line => answers.push(line))
  expect(answers.map(line => JSON.parse(line))).toEqual([
    { id: 1, files: { a: 'y\n', b: null } },
    { id: 'two', error: expect.stringContaining('not-found') },
    { id: null, error: expect.any(String) },
  ])
})
