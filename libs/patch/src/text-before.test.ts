import fc from 'fast-check'
import { expect, test } from 'vitest'
import { renderDiff } from './canonical-diff.ts'
import { textBefore } from './text-before.ts'

const text = fc
  .array(fc.constantFrom('a', 'b', 'c', '', '@@ -1 +1 @@', '-- x', '++ y', 'diff --git a/x b/x', '\\ no', 'd\r'), {
    maxLength: 30,
  })
  .map(lines => lines.join('\n'))

test('a canonical diff leads back to what each file was', () => {
  fc.assert(
    fc.property(text, text, text, (before, after, other) => {
      fc.pre(before !== after)
      const diff = renderDiff([
        { path: 'first.txt', kind: 'edit', before: other, after: `${other}\nmore` },
        { path: 'a file.txt', kind: 'edit', before, after },
      ]).diff
      expect(textBefore(diff, 'a file.txt', after)).toBe(before)
    }),
  )
})

test('a diff that does not lead to the text, or is of another file, leads nowhere', () => {
  const diff = renderDiff([{ path: 'x', kind: 'edit', before: 'a\n', after: 'b\n' }]).diff
  expect(textBefore(diff, 'x', 'c\n')).toBeUndefined()
  expect(textBefore(diff, 'y', 'b\n')).toBeUndefined()
  expect(textBefore('', 'x', 'b\n')).toBeUndefined()
})
