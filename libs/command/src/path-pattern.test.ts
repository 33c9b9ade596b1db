import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fitsPattern, patternOf } from './path-pattern.ts'

test.each([
  ['src/a.ts', 'src/a.ts', true],
  ['src/a.ts', '/src/a.ts', true],
  ['src/a.ts', './src/a.ts', true],
  ['src/a.ts', 'src/*.ts', true],
  ['src/deep/a.ts', 'src/*.ts', false],
  ['src/deep/a.ts', 'src/**', true],
  ['src/deep/a.ts', 'src/**/*.ts', true],
  ['src/a.ts', 'src/**/*.ts', true],
  ['src', 'src/**', false],
  ['package-lock.json', '*.json', true],
  ['deep/er/package-lock.json', '*.json', true],
  ['deep/a.json', '/*.json', false],
  ['infra/main.bicep', 'infra', true],
  ['infra/main.bicep', 'infra/', true],
  ['x/infra/main.bicep', 'infra/', true],
  ['x/infra/main.bicep', '/infra/', false],
  ['infra', 'infra/', false],
  ['infrastructure/a', 'infra', false],
  ['a.ts', 'A.ts', false],
  ['a1.ts', 'a?.ts', true],
  ['a.ts', 'a?.ts', false],
  ['docs/größe.md', 'docs/gr??e.md', true],
  ['a+b(c).ts', 'a+b(c).ts', true],
  ['a.ts', '', false],
  ['a.ts', '/', false],
  ['a.ts', '**', true],
  ['.github/workflows/x.yml', '.github/**', true],
])('%s fits %s: %s', (path, pattern, fits) => {
  expect(fitsPattern(path, pattern)).toBe(fits)
})

test('the pattern that fits is named', () => {
  expect(patternOf('infra/a', ['docs/', 'infra/', 'infra/a'])).toBe('infra/')
  expect(patternOf('src/a', ['docs/'])).toBeUndefined()
})

test('a path fits itself and its folders, and no pattern takes long', () => {
  const name = fc.stringMatching(/^[a-zA-Z0-9_-][a-zA-Z0-9_.-]{0,7}$/)
  fc.assert(
    fc.property(fc.array(name, { minLength: 2, maxLength: 6 }), names => {
      const path = names.join('/')
      expect(fitsPattern(path, path)).toBe(true)
      expect(fitsPattern(path, `${names.slice(0, -1).join('/')}/`)).toBe(true)
      expect(fitsPattern(path, `**/${names.at(-1)}`)).toBe(true)
    }),
  )
  const begun = performance.now()
  fitsPattern('a'.repeat(4_000), `${'*a'.repeat(100)}b`)
  fitsPattern('a/'.repeat(2_000), `${'**/*a/'.repeat(30)}b`)
  expect(performance.now() - begun).toBeLessThan(1_000)
})
