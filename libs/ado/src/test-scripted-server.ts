import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

export type Call = {
  method: string
  path: string
  query: URLSearchParams
  authorization: string | undefined
  body: string
}

type Reply = {
  status?: number
  headers?: Record<string, string>
  json?: unknown
  text?: string
  cut?: 'before-answer' | 'inside-body'
}

export type ScriptedServer = { url: string; calls: Call[]; close(): Promise<void> }

const git = (id: string, resourceName: string, routeTemplate: string) => ({
  ...{ id, area: 'git', resourceName, routeTemplate, resourceVersion: 3 },
  ...{ minVersion: '1.0', maxVersion: '7.2', releasedVersion: '7.1' },
})

/** The few locations these tests need; ids are those of azure-devops-node-api. */
const locations = [
  git(
    '9946fd70-0d40-406e-b686-b4744cbbcc37',
    'pullRequests',
    '{project}/_apis/{area}/repositories/{repositoryId}/{resource}/{pullRequestId}',
  ),
  git(
    'ab6e2e5d-a0b7-4153-b64a-a4efe0d49449',
    'threads',
    '{project}/_apis/{area}/repositories/{repositoryId}/pullRequests/{pullRequestId}/{resource}/{threadId}',
  ),
  git(
    '965a3ec7-5ed8-455a-bdcb-835a5ea7fe7b',
    'comments',
    '{project}/_apis/{area}/repositories/{repositoryId}/pullRequests/{pullRequestId}/threads/{threadId}/{resource}/{commentId}',
  ),
  git(
    '2d874a60-a811-4f62-9c9f-963a6ea0a55b',
    'refs',
    '{project}/_apis/{area}/repositories/{repositoryId}/{resource}/{*filter}',
  ),
  git(
    'ea98d07b-3c87-4971-8ede-a613694ffb55',
    'pushes',
    '{project}/_apis/{area}/repositories/{repositoryId}/{resource}/{pushId}',
  ),
  git(
    'c2570c3b-5b3f-41b8-98bf-5407bfde8d58',
    'commits',
    '{project}/_apis/{area}/repositories/{repositoryId}/{resource}/{commitId}',
  ),
]

/** An HTTP server for answers the emulator has no reason to give: broken, cut, delayed, foreign. */
export async function scriptedServer(reply: (call: Call) => Reply | Promise<Reply>): Promise<ScriptedServer> {
  const calls: Call[] = []
  const server = createServer((request, response) => {
    void answer(request, response)
  })
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(Buffer.from(chunk))
    const call = {
      ...{ method: request.method ?? '', path: pathname, query: searchParams },
      ...{ authorization: request.headers.authorization, body: Buffer.concat(chunks).toString() },
    }
    if (call.method === 'OPTIONS') return send(response, { json: { value: locations, count: locations.length } })
    calls.push(call)
    send(response, await reply(call))
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  return {
    url: `http://127.0.0.1:${port}/org`,
    calls,
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

function send(response: ServerResponse, reply: Reply): void {
  if (reply.cut === 'before-answer') {
    response.destroy()
    return
  }
  const body = reply.text ?? JSON.stringify(reply.json ?? null)
  const headers = {
    'content-type': 'application/json; charset=utf-8; api-version=7.1',
    'content-length': `${Buffer.byteLength(body)}`,
    ...reply.headers,
  }
  response.writeHead(reply.status ?? 200, headers)
  if (reply.cut === 'inside-body') response.write(body.slice(0, body.length / 2), () => response.destroy())
  else response.end(body)
}
