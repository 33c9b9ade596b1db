import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')

test('every threat of docs/security.md names tests that are there', async () => {
  const page = await readFile(join(root, 'docs', 'security.md'), 'utf8')
  const rows = page.split('\n').filter(line => /^\| \d+ \|/.test(line))
  expect(rows.map(row => Number(row.split('|')[1]))).toEqual(Array.from({ length: 22 }, (_, n) => n + 1))
  const tests = rows.flatMap(row => [...row.matchAll(/`([^`]+\.test\.ts)`/g)].map(match => match[1] ?? ''))
  expect(tests.length).toBeGreaterThan(30)
  for (const path of tests) expect((await stat(join(root, path))).isFile(), path).toBe(true)
})
