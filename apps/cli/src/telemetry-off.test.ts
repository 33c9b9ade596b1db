import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { z } from 'zod'

const run = promisify(execFile)
const root = join(import.meta.dirname, '..', '..', '..')
const apps = ['apps/gateway', 'apps/worker-ado', 'apps/worker-llm', 'apps/flow-supervisor']

/** Which packages a process loads that imports what every app starts with, and opens telemetry with these variables. */
async function packagesLoaded(variables: Record<string, string>): Promise<string[]> {
  const program = `
    import { registerHooks } from 'node:module'
    const urls = []
    registerHooks({ load: (url, context, next) => { urls.push(url); return next(url, context) } })
    for (const app of ${JSON.stringify([...apps.map(app => join(root, app, 'src/app.ts')), join(root, 'bull-board/src/board.ts')])}) await import(app)
    const { openTelemetry } = await import(${JSON.stringify(join(root, 'libs/service/src/telemetry.ts'))})
    const { TelemetrySettings } = await import(${JSON.stringify(join(root, 'libs/service/src/telemetry-settings.ts'))})
    const telemetry = await openTelemetry({ service: 'test', settings: TelemetrySettings.parse(${JSON.stringify(variables)}), secrets: [] })
    await telemetry.close()
    console.log(JSON.stringify(urls))
  `
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: root,
    maxBuffer: 16 * 1024 * 1024,
  })
  const packages = z
    .array(z.string())
    .parse(JSON.parse(stdout))
    .flatMap(url => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1] ?? [])
  return [...new Set(packages)]
}

const ofTelemetry = (names: string[]) => names.filter(name => /^@opentelemetry\/(?!api$)|^@azure/.test(name))

test('without the variables no process loads anything of it', { timeout: 120_000 }, async () => {
  const off = await packagesLoaded({})
  expect(off).toContain('bullmq')
  expect(ofTelemetry(off)).toEqual([])
  const on = await packagesLoaded({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' })
  expect(ofTelemetry(on)).toContain('@opentelemetry/sdk-trace-base')
  expect(ofTelemetry(on).filter(name => name.startsWith('@azure'))).toEqual([])
})
