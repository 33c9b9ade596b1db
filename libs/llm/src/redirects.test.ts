import { createServer, type Server } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openModel } from './open-model.ts'

const key = 'a-key-that-must-not-travel'
const servers: Server[] = []
let asked = 0
let trapped = 0
let base = ''

async function listen(server: Server): Promise<string> {
  servers.push(server)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('not listening')
  return `http://127.0.0.1:${address.port}`
}

let status = 307
beforeAll(async () => {
  const trap = await listen(
    createServer((_request, response) => {
      trapped++
      response.end('{}')
    }),
  )
  base = await listen(
    createServer((request, response) => {
      asked++
      request.resume()
      response.writeHead(status, { location: `${trap}${request.url}` }).end()
    }),
  )
})
afterAll(async () => {
  for (const server of servers) await new Promise(resolve => server.close(resolve))
})

test.each(['anthropic', 'openai-chat'] as const)(
  'row 14: %s is asked only where it is configured; key and code follow no redirect',
  async provider => {
    const model = openModel({ provider, model: 'claude-sonnet-5-5', apiKey: key, baseUrl: base })
    for (const redirect of [301, 302, 307, 308]) {
      status = redirect
      const before = asked
      const answer = model.generate({
        ...{ system: 's', shared: 'code', turns: [{ role: 'user', text: 'hello' }], maxOutputTokens: 100 },
        signal: AbortSignal.timeout(5_000),
        label: { runId: 'r', variant: 1, call: 1 },
      })
      await expect(answer).rejects.toThrow()
      await expect(model.probe(AbortSignal.timeout(5_000))).rejects.toThrow()
      expect(asked).toBeGreaterThan(before)
    }
    expect(trapped).toBe(0)
  },
)
