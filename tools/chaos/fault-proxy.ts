import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** half-open: bytes vanish and nobody is told. no-answers: from the moment a client said `after`, only
 * the server's do. slice: bytes arrive three at a time. */
export type Line =
  | { kind: 'sound' }
  | { kind: 'cut' }
  | { kind: 'half-open' }
  | { kind: 'no-answers'; after: string }
  | { kind: 'slice' }
  | { kind: 'latency'; ms: number }

export type FaultProxy = {
  port: number
  /** What the line is like from now on. Connections on which bytes vanished are reset by whatever comes after. */
  set(line: Line): void
  /** Ends every connection at once, as a host that came up again would. */
  reset(): void
  /** From now on nothing passes on the connections there are, for as long as both ends believe in them. */
  silence(): void
  /** Where new connections go; the first that answers takes them. */
  target(ports: readonly number[]): void
  close(): Promise<void>
}

type Connection = { reset(): void; silence(): void }

const sliceBytes = 3
/** What a client said may come in two pieces. */
const saidBytes = 100

/** A TCP proxy on 127.0.0.1 for one server, or several that stand for each other. */
export async function startFaultProxy(ports: readonly number[]): Promise<FaultProxy> {
  let targets = [...ports]
  let line: Line = { kind: 'sound' }
  let turn = 0
  const connections = new Set<Connection>()
  const resetAll = () => {
    for (const connection of connections) connection.reset()
  }

  const server = createServer(client => {
    client.on('error', () => {})
    if (line.kind === 'cut') return void client.resetAndDestroy()
    turn += 1
    const order = targets.map((_, index) => targets[(index + turn) % targets.length] ?? 0)
    const connection = join(client, order, () => line)
    connections.add(connection)
    client.once('close', () => connections.delete(connection))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()

  return {
    port: typeof address === 'object' && address ? address.port : 0,
    set(next) {
      const before = line
      line = next
      if (next.kind === 'cut' || before.kind === 'half-open' || before.kind === 'no-answers') resetAll()
    },
    reset: resetAll,
    silence() {
      for (const connection of connections) connection.silence()
    },
    target(next) {
      targets = [...next]
    },
    async close() {
      server.close()
      resetAll()
      await once(server, 'close')
    },
  }
}

function join(client: Socket, ports: number[], line: () => Line): Connection {
  let silent = false
  let upstream: Socket | undefined
  const reset = () => {
    client.resetAndDestroy()
    upstream?.resetAndDestroy()
  }
  client.pause()
  let unheard = false
  let said = ''
  const passOn = (from: Socket, to: Socket) => {
    let order = Promise.resolve()
    from.on('data', chunk => {
      order = order.then(async () => {
        // Whoever lost a byte would misread every later one: such a connection stays silent until it is reset.
        const now = line()
        if (now.kind === 'half-open') silent = true
        if (from === client && now.kind === 'no-answers') {
          said = (said + chunk.toString('latin1')).slice(-saidBytes - chunk.length)
          if (said.includes(now.after)) unheard = true
        }
        if (from !== client && unheard) return
        if (!silent) await write(to, chunk, line())
      })
    })
    from.once('end', () => void order.then(() => to.end()))
    from.once('close', () => void order.then(() => to.destroy()))
  }
  void openFirst(ports).then(socket => {
    if (!socket || client.destroyed) {
      socket?.destroy()
      client.resetAndDestroy()
      return
    }
    upstream = socket
    socket.on('error', () => client.destroy())
    passOn(client, socket)
    passOn(socket, client)
    client.resume()
  })
  return {
    reset,
    silence: () => {
      silent = true
    },
  }
}

async function openFirst(ports: number[]): Promise<Socket | undefined> {
  for (const port of ports) {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true })
    try {
      await once(socket, 'connect')
      return socket
    } catch {
      socket.destroy()
    }
  }
  return undefined
}

async function write(to: Socket, chunk: Buffer, line: Line): Promise<void> {
  if (line.kind === 'latency') await sleep(line.ms)
  if (line.kind !== 'slice') {
    to.write(chunk)
    return
  }
  // Long answers would take minutes by threes; their beginnings are what parsers stumble over.
  for (let at = 0; at < Math.min(chunk.length, 60); at += sliceBytes) {
    to.write(chunk.subarray(at, Math.min(at + sliceBytes, 60)))
    await sleep(1)
  }
  if (chunk.length > 60) to.write(chunk.subarray(60))
}
