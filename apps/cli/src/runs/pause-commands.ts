import { parseArgs } from 'node:util'
import type { Pause, PauseScope } from '@code-agent/store/pauses'
import { ago } from '../age.ts'
import { answer, type Command, table } from '../command.ts'
import { withStore } from '../operator-settings.ts'
import { pauseScope } from './pause-scope.ts'

const options = {
  organisation: { type: 'string' },
  repository: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const

export const pauseCommand: Command = {
  help: `npm run pause -- [--organisation NAME] [--repository ID|PROJECT/REPOSITORY] [--reason TEXT] [--json]
npm run pause -- --list [--json]

Nothing new begins there: requests are still accepted, and their threads say that they wait, and why. What runs goes on to its
end. Without --organisation that of AZURE_DEVOPS_URL, without --repository all of it. Reads DATABASE_URL.

  --reason TEXT   one sentence for those who wait (default: It will be back soon.)
  --list          what is paused`,
  async run(args) {
    const { values } = parseArgs({
      args,
      options: {
        ...options,
        reason: { type: 'string', default: 'It will be back soon.' },
        list: { type: 'boolean', default: false },
      },
    })
    return await withStore(async store => {
      if (values.list) {
        const pauses = await store.pauses()
        answer({ json: values.json, data: { pauses }, text: textOf(pauses) })
        return 0
      }
      const scope = await pauseScope(values)
      await store.pause({ ...scope, reason: values.reason })
      answer({ json: values.json, data: { ...scope, paused: true }, text: `Paused: ${named(scope)}.` })
      return 0
    })
  },
}

export const resumeCommand: Command = {
  help: `npm run resume -- [--organisation NAME] [--repository ID|PROJECT/REPOSITORY] [--json]

Lifts a pause; what waits begins at once, in its order. Lifting a repository's pause leaves its organisation's.`,
  async run(args) {
    const { values } = parseArgs({ args, options })
    return await withStore(async store => {
      const scope = await pauseScope(values)
      if (!(await store.resume(scope))) throw new Error(`${named(scope)} is not paused by itself; see pause --list`)
      answer({ json: values.json, data: { ...scope, paused: false }, text: `Resumed: ${named(scope)}.` })
      return 0
    })
  },
}

function named({ organisation, repositoryId }: PauseScope): string {
  return repositoryId === undefined ? organisation : `repository ${repositoryId} of ${organisation}`
}

function textOf(pauses: Pause[]): string {
  if (pauses.length === 0) return 'Nothing is paused.'
  const rows = pauses.map(one => [one.organisation, one.repositoryId ?? '(all)', ago(one.pausedAt), one.reason])
  return table([['organisation', 'repository', 'for', 'reason'], ...rows])
}
