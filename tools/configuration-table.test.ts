import { expect, test } from 'vitest'
import { currentReadme } from './configuration-table.ts'

test('the configuration table of the README is what the settings say; `npm run docs` writes it anew', async () => {
  const { is, shouldBe } = await currentReadme()
  expect(is).toBe(shouldBe)
  expect(is).toContain('| `WEBHOOK_PASSWORD` |')
  expect(is).toContain('| `MODEL_API_KEY` |')
})
