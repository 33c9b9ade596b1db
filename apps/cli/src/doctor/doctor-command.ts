import { parseArgs } from 'node:util'
import { environment } from '@code-agent/service/environment'
import { redactor } from '@code-agent/service/redact'
import { type Command, WrongUsage } from '../command.ts'
import type { Check } from './check.ts'
import { doctorSettings } from './doctor-settings.ts'
import { examine, sections } from './examine.ts'

export const doctorCommand: Command = {
  help: `npm run doctor [-- --json] [--user NAME] [--repository PROJECT/REPOSITORY]… [--only SECTION]… [--health URL]…

Checks an installation from the environment variables of all its apps: one line each, its remedy under it. Changes nothing; sends
the gateway one test event and the model one question at most. Exit code 0 only when nothing failed.

  --user NAME         only: why somebody's command would be refused
  --repository P/R    looks at these repositories (default: all that the bot sees)
  --only SECTION      only these: ${Object.keys(sections).join(', ')}
  --health URL        asks a process at this address, too
  --json              {"checks":[{"name","state","message","remedy"}]} on one line; state is ok, warn or fail`,
  async run(args) {
    const { values } = parseArgs({
      args,
      options: {
        json: { type: 'boolean', default: false },
        user: { type: 'string' },
        repository: { type: 'string', multiple: true, default: [] },
        only: { type: 'string', multiple: true, default: [] },
        health: { type: 'string', multiple: true, default: [] },
      },
    })
    const only = values.only.flatMap(one => one.split(','))
    const unknown = only.find(one => !Object.hasOwn(sections, one))
    if (unknown !== undefined) throw new WrongUsage(`there is no section “${unknown}”`)
    const env = environment()
    const { settings, secrets } = doctorSettings(env)
    const redact = redactor(secrets)
    const { user, repository, health } = values
    const found = await examine({ env, settings, user, repositories: repository, health, only })
    const checks = found.map(check => ({ ...check, message: redact(check.message) }))
    if (values.json) process.stdout.write(`${JSON.stringify({ checks })}\n`)
    else process.stderr.write(textOf(checks))
    return checks.some(check => check.state === 'fail') ? 1 : 0
  },
}

function textOf(checks: Check[]): string {
  const width = Math.max(...checks.map(check => check.name.length))
  const lines = checks.flatMap(({ name, state, message, remedy }) => [
    `${state.padEnd(4)}  ${name.padEnd(width)}  ${message}`,
    ...(remedy === null ? [] : remedy.split('\n').map(line => `${' '.repeat(6)}→ ${line}`)),
  ])
  const count = (state: Check['state']) => checks.filter(check => check.state === state).length
  return `${lines.join('\n')}\n\n${count('ok')} ok, ${count('warn')} to look at, ${count('fail')} failed\n`
}
