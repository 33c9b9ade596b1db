import { parseArgs } from 'node:util'
import { countOf } from '@code-agent/command/report'
import type { ForgetScope, Forgotten } from '@code-agent/store/forget'
import type { Read } from '@code-agent/store/read'
import { ageMs } from '../age.ts'
import { answer, type Command, WrongUsage } from '../command.ts'
import { withStore } from '../operator-settings.ts'
import { findRun } from './find-run.ts'

export const forgetCommand: Command = {
  help: `npm run forget -- --older-than 90d | --user ID|ACCOUNT | --run ID  [--dry-run] [--json]

Takes out of ended runs, for good, what people and models wrote and who asked: intents, comments, patches, conversations,
strategies, names. The audit's skeleton stays: ids, times, states, outcomes, counts, cost. What is in Azure DevOps stays there.

  --older-than AGE   runs and answers begun longer ago, as 90d, 12h, 2w
  --user WHO         those of one person: identity id, or account name
  --run ID           one run
  --dry-run          only counts

Runs that have not ended are left alone and counted; ask again later. Reads DATABASE_URL.`,
  async run(args) {
    const { values } = parseArgs({
      args,
      options: {
        'older-than': { type: 'string' },
        user: { type: 'string' },
        run: { type: 'string' },
        'dry-run': { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      },
    })
    return await withStore(async store => {
      const scope = await scopeOf(store, values)
      const dryRun = values['dry-run']
      const forgotten = await store.forget({ ...scope, dryRun })
      answer({ json: values.json, data: { ...forgotten, dryRun }, text: textOf(forgotten, dryRun) })
      return 0
    })
  },
}

type Asked = { 'older-than'?: string | undefined; user?: string | undefined; run?: string | undefined }

async function scopeOf(store: Read, { 'older-than': age, user, run }: Asked): Promise<ForgetScope> {
  if ([age, user, run].filter(one => one !== undefined).length !== 1)
    throw new WrongUsage('say exactly one of --older-than, --user and --run')
  if (age !== undefined) return { olderThanMs: ageMs(age) }
  if (user !== undefined && user.trim() !== '') return { user: user.trim() }
  if (run !== undefined) return { runId: (await findRun(store, run)).runId }
  throw new WrongUsage('--user takes an identity id or an account name')
}

function textOf({ runs, tasks, stillOpen }: Forgotten, dryRun: boolean): string {
  const did = dryRun ? 'Would forget' : 'Forgot'
  const left = stillOpen === 0 ? '' : ` ${stillOpen} not ended yet and left alone.`
  return `${did} what was written in ${countOf(runs, 'run')} and ${countOf(tasks, 'answer')}.${left}`
}
