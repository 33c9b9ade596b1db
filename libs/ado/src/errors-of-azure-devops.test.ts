import { existsSync, readFileSync } from 'node:fs'
import { Rejected } from '@code-agent/jobs/errors'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { errorOf, Refused } from './errors-of-azure-devops.ts'

const recorded = new URL('../../../../shared/azure-devops-data/recorded/errors.json', import.meta.url)

const Exchanges = z.array(
  z.object({
    request: z.object({ method: z.string(), uri: z.string() }),
    response: z.object({
      status: z.object({ code: z.number() }),
      headers: z.record(z.string(), z.string()),
      body: z.unknown(),
    }),
  }),
)

test.skipIf(!existsSync(recorded))(
  'every refusal recorded of the real service is classed (skipped without ../shared)',
  () => {
    const exchanges = Exchanges.parse(JSON.parse(readFileSync(recorded, 'utf8')))
    expect(exchanges.length).toBeGreaterThan(5)
    for (const { request, response } of exchanges) {
      const body = typeof response.body === 'string' ? response.body : JSON.stringify(response.body)
      const status = response.status.code
      const error = errorOf(
        { method: request.method, path: '/x', status, headers: response.headers, body: body.replace(/^\uFEFF/, '') },
        'g',
      )
      if (status === 404) expect(error).toBeUndefined()
      else if (status >= 500) expect(error).not.toBeInstanceOf(Rejected)
      else expect(error).toBeInstanceOf(Refused)
    }
  },
)

test('what the service said reaches the reader on one line, whatever is missing from it', () => {
  const answer = { method: 'POST', path: '/x', status: 400, headers: {} }
  const bodies = [
    '{"message":"Invalid argument value.\\r\\nParameter name: x"}',
    'not JSON',
    '',
    '{"message":5}',
    'null',
  ]
  const messages = bodies.map(body => errorOf({ ...answer, body }, 'g')?.message)
  expect(messages[0]).toBe('Azure DevOps refused: Invalid argument value. Parameter name: x')
  expect(messages.slice(1)).toEqual(Array(4).fill('Azure DevOps refused: no reason was given'))
})
