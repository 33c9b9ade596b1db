import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'

const here = (file: string) => JSON.stringify(join(import.meta.dirname, file))

/** A process that says it is ready, and on shutdown runs `steps`. */
async function start(steps: string, graceMs = 1_000) {
  const program = `
    import { announceReady } from ${here('ready-line.ts')}
    import { createLog } from ${here('log.ts')}
    import { onShutdown } from ${here('shutdown.ts')}
    const log = createLog({ service: 'test', level: 'info' })
    setInterval(() => {}, 1000)
    onShutdown(log, ${graceMs}, ${steps})
    announceReady({ app: 'test', port: 4711, log })
  `
  const args = ['--input-type=module', '--eval', program]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const output: string[] = []
  child.stdout?.on('data', chunk => output.push(String(chunk)))
  const [message] = await once(child, 'message')
  return { child, message, output: () => output.join('') }
}

async function exitOf(child: ChildProcess) {
  const exited = child.exitCode === null ? once(child, 'exit') : undefined
  // Its last lines may come after its exit.
  await Promise.all([exited, child.stdout && once(child.stdout, 'end')])
  return child.exitCode
}

test('a parent with an IPC channel is told the port, and the log has it too', async () => {
  const { child, message, output } = await start('() => {}')
  expect(message).toEqual({ kind: 'ready', app: 'test', port: 4711 })
  child.kill('SIGTERM')
  expect(await exitOf(child)).toBe(0)
  expect(output()).toContain('"port":4711,"msg":"ready"')
})

test('SIGTERM runs the steps in order, goes on after one that fails, and exits 0', async () => {
  const { child, output } = await start(
    `async () => { throw new Error('no') }, async () => console.log('first'), () => console.log('second')`,
  )
  child.kill('SIGTERM')
  expect(await exitOf(child)).toBe(0)
  expect(output()).toMatch(/a step of the shutdown failed[\s\S]*first\nsecond\n/)
})

test('a second signal leaves at once', async () => {
  const { child, output } = await start('() => new Promise(() => {})')
  child.kill('SIGINT')
  await vi.waitFor(() => expect(output()).toContain('shutting down'))
  child.kill('SIGINT')
  expect(await exitOf(child)).toBe(1)
})

test('a process whose parent has gone shuts down by itself', async () => {
  const { child, output } = await start(`() => console.log('closed')`)
  child.disconnect()
  expect(await exitOf(child)).toBe(0)
  expect(output()).toContain('closed')
})
