import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { endpoints } from './endpoints.ts'

test('docs/emulator.md lists every endpoint with its status, and no other', () => {
  const text = readFileSync(new URL('../../../../docs/emulator.md', import.meta.url), 'utf8')
  const rows = [...text.matchAll(/^\| `((?:GET|POST|PUT|PATCH|DELETE) [^/`][^`]*)` \| (\d{3}) /gm)].map(
    match => `${match[1]} ${match[2]}`,
  )
  const wanted = Object.values(endpoints).map(({ method, path, status }) => `${method} ${path} ${status}`)
  expect(rows.toSorted((a, b) => a.localeCompare(b))).toEqual(wanted.toSorted((a, b) => a.localeCompare(b)))
})
