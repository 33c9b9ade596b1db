import { once } from 'node:events'
import { createServer, request } from 'node:http'

export type LosingProxy = {
  url: string
  /** The next request of this method is carried out, but nobody hears the answer. */
  loseNext(method: string): void
  /** Requests since the last call, without discovery. */
  taken(): string[]
  close(): Promise<void>
}

/** Stands before a server and loses answers on purpose: what Azure DevOps does when a connection breaks at the wrong moment. */
export async function losingProxy(target: string): Promise<LosingProxy> {
  const { hostname, port, pathname } = new URL(target)
  let lose: string | undefined
  let seen: string[] = []
  const server = createServer((incoming, outgoing) => {
    const { method = 'GET', url = '/' } = incoming
    if (method !== 'OPTIONS') seen.push(`${method} ${url.split('?')[0]}`)
    const lost = method === lose
    if (lost) lose = undefined
    const forwarded = request({ hostname, port, method, path: url, headers: incoming.headers }, answer => {
      if (lost) {
        answer.resume().once('end', () => outgoing.destroy())
        return
      }
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    })
    forwarded.once('error', () => outgoing.destroy())
    incoming.pipe(forwarded)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}${pathname}`,
    loseNext(method) {
      lose = method
    },
    taken() {
      const taken = seen
      seen = []
      return taken
    },
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}
