import { decodeConfig } from '@code-agent/service/config'
import type { Environment } from '@code-agent/service/environment'
import { settingsOfApps } from '@code-agent/tools/configuration-table'
import { type Check, fail, ok } from './check.ts'

/** Every app's own reading of the environment: what it would refuse to start with. */
export async function checkConfiguration(env: Environment): Promise<Check[]> {
  const apps = await settingsOfApps()
  return Object.entries(apps).map(([app, schema]) => {
    const name = `configuration of ${app}`
    try {
      decodeConfig(schema, env)
      return ok(name, 'it would start')
    } catch (error) {
      const problems = (error instanceof Error ? error.message : String(error)).split('\n')
      const names = problems.map(problem => /^[A-Z][A-Z0-9_]+/.exec(problem)?.[0] ?? problem)
      return fail(name, `it would not start: ${names.join(', ')}`, problems.join('\n'))
    }
  })
}
