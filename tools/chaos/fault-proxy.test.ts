import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts'

async function echoServer(): Promise<number> {
  const server: Server = createServer(socket => {
    socket.on('error', () => {})
    socket.pipe(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}

async function proxied(...ports: number[]): Promise<FaultProxy> {
  const proxy = await startFaultProxy(ports)
  onTestFinished(() => proxy.close())
  return proxy
}

async function open(port: number): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port })
  socket.on('error', () => {})
  onTestFinished(() => void socket.destroy())
  await once(socket, 'connect')
  return socket
}

/** A reset is an error and a close. */
function closed(socket: Socket): Promise<void> {
  return new Promise(resolve => socket.once('close', () => resolve()))
}

async function echo(socket: Socket, text: string): Promise<string> {
  let heard = ''
  socket.on('data', chunk => {
    heard += chunk.toString()
  })
  socket.write(text)
  await expect.poll(() => heard.length, { timeout: 15_000 }).toBe(text.length)
  return heard
}

test('a sound line passes everything, a sliced one too, only in pieces', async () => {
  const proxy = await proxied(await echoServer())
  expect(await echo(await open(proxy.port), 'hello')).toBe('hello')
  proxy.set({ kind: 'slice' })
  expect(await echo(await open(proxy.port), 'hello again, '.repeat(20))).toBe('hello again, '.repeat(20))
})

test('latency holds every byte back and keeps their order', async () => {
  const proxy = await proxied(await echoServer())
  proxy.set({ kind: 'latency', ms: 100 })
  const socket = await open(proxy.port)
  const began = performance.now()
  expect(await echo(socket, 'slow')).toBe('slow')
  expect(performance.now() - began).toBeGreaterThan(180)
})

test('a cut line ends what is open and refuses what is new, until it is sound again', async () => {
  const proxy = await proxied(await echoServer())
  const before = await open(proxy.port)
  await echo(before, 'x')
  const ended = closed(before)
  proxy.set({ kind: 'cut' })
  await ended
  const meanwhile = connect({ host: '127.0.0.1', port: proxy.port })
  meanwhile.on('error', () => {})
  await closed(meanwhile)
  proxy.set({ kind: 'sound' })
  expect(await echo(await open(proxy.port), 'back')).toBe('back')
})

test('what a server answers is lost from the moment it was told something, and arrives there all the same', async () => {
  const told: string[] = []
  const server = createServer(socket => {
    socket.on('error', () => {})
    socket.on('data', chunk => {
      told.push(chunk.toString())
      socket.write('answer')
    })
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const address = server.address()
  const proxy = await proxied(typeof address === 'object' && address ? address.port : 0)
  const socket = await open(proxy.port)
  let heard = ''
  socket.on('data', chunk => {
    heard += chunk.toString()
  })
  proxy.set({ kind: 'no-answers', after: 'second' })
  socket.write('first')
  await expect.poll(() => heard, { timeout: 15_000 }).toBe('answer')
  socket.write('second')
  await expect.poll(() => told.join(' '), { timeout: 15_000 }).toBe('first second')
  const ended = closed(socket)
  proxy.set({ kind: 'sound' })
  await ended
  expect(heard).toBe('answer')
})

test('on a half-open line nothing arrives and nobody is told, until it comes back and resets', async () => {
  const proxy = await proxied(await echoServer())
  const socket = await open(proxy.port)
  await echo(socket, 'x')
  proxy.set({ kind: 'half-open' })
  let heard = 0
  socket.on('data', () => {
    heard += 1
  })
  socket.write('anybody?')
  await sleep(100)
  expect(heard).toBe(0)
  expect(socket.destroyed).toBe(false)
  const ended = closed(socket)
  proxy.set({ kind: 'sound' })
  await ended
})

test('a connection goes to whichever server answers', async () => {
  const gone = await echoServer()
  const there = await echoServer()
  const proxy = await proxied(gone, there)
  proxy.target([1, there])
  for (const text of ['one', 'two', 'three']) expect(await echo(await open(proxy.port), text)).toBe(text)
})
