import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { startModelEmulator } from './src/emulator.ts'
import { parseLlmScript } from './src/script.ts'

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    'llm-script': { type: 'string' },
    'tokens-per-second': { type: 'string', default: '0' },
    'latency-ms': { type: 'string', default: '0' },
  },
})
const file = values['llm-script']

try {
  const emulator = await startModelEmulator({
    port: Number(values.port),
    tokensPerSecond: Number(values['tokens-per-second']),
    latencyMs: Number(values['latency-ms']),
    ...(file === undefined ? {} : { script: parseLlmScript(readFileSync(file, 'utf8')) }),
  })
  const ready = {
    app: 'emulator-llm',
    url: emulator.url,
    admin: emulator.adminUrl,
    port: Number(new URL(emulator.url).port),
  }
  process.stdout.write(`${JSON.stringify(ready)}\n`)
  process.send?.({ kind: 'ready', ...ready })
  const stop = () => void emulator.close().then(() => process.exit(0))
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
  // Started by a parent, it ends with it.
  if (process.connected) process.once('disconnect', stop)
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
}
