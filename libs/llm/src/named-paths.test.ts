import { expect, test } from 'vitest'
import { namedPaths } from './named-paths.ts'

const tree = [
  'README.md',
  'docs/README.md',
  'src/a b/größe.ts',
  'src/app.ts',
  'src/app.tsx',
  'src/only.css',
  'lib/x/app.ts',
  'a.txt',
  'b/a.txt',
]

test.each([
  ['replace a with b in src/a b/größe.ts', ['src/a b/größe.ts']],
  ['replace a with b in src/a b/größe.ts'.normalize('NFD'), ['src/a b/größe.ts']],
  ['fix src/app.ts.', ['src/app.ts']],
  ['fix `src/app.tsx` and ./src/app.ts', ['src/app.ts', 'src/app.tsx']],
  ['fix /lib/x/app.ts', ['lib/x/app.ts']],
  ['fix app.ts', []],
  ['make only.css shorter', ['src/only.css']],
  ['update the README.md', ['README.md']],
  ['change b/a.txt', ['b/a.txt']],
  ['change xsrc/app.ts and src/app.ts2', []],
  ['nothing here', []],
])('"%s" names %j', (text, paths) => {
  expect(namedPaths(text, tree)).toEqual(paths)
})

test('a large tree is searched quickly', () => {
  const large = Array.from({ length: 60_000 }, (_, index) => `packages/p${index % 50}/src/deep/file-${index}.ts`)
  const began = performance.now()
  expect(namedPaths('rename x everywhere and more '.repeat(20), large)).toEqual([])
  expect(namedPaths('rename x in packages/p7/src/deep/file-57.ts', large)).toEqual(['packages/p7/src/deep/file-57.ts'])
  expect(performance.now() - began).toBeLessThan(3_000)
})
