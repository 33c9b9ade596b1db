import { onTestFinished } from 'vitest'
import { connectAzureDevOps } from './azure-devops.ts'
import { type Call, scriptedServer } from './test-scripted-server.ts'

type Routes = Record<string, unknown>

/** An adapter over answers by method and path (as a pattern); what is not listed does not exist. Gone with its test. */
export async function scriptedAzureDevOps(routes: Routes) {
  const server = await scriptedServer(call => {
    const asked = `${call.method} ${call.path}`
    const route = Object.entries(routes).find(([pattern]) => new RegExp(pattern, 'i').test(asked))
    if (route === undefined) return { status: 404, text: '' }
    const answer: unknown = typeof route[1] === 'function' ? route[1](call) : route[1]
    return isReply(answer) ? answer : { json: answer }
  })
  const ado = connectAzureDevOps({ url: server.url, token: 't', kind: 'pat', gate: 'g' })
  onTestFinished(async () => {
    ado.close()
    await server.close()
  })
  return {
    ado,
    server,
    calls: () => server.calls.map((call: Call) => `${call.method} ${call.path.replace(/^.*_apis\//, '')}`),
  }
}

function isReply(answer: unknown): answer is { status: number; json: unknown } {
  return typeof answer === 'object' && answer !== null && 'status' in answer && typeof answer.status === 'number'
}
