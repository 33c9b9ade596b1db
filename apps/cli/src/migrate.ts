import { configOrExit } from '@code-agent/service/config'
import { environment } from '@code-agent/service/environment'
import { databaseSettings } from '@code-agent/service/settings'
import { migrate } from '@code-agent/store/migrate'
import { z } from 'zod'
import { answer } from './command.ts'

/** Forward only, under a lock: several may ask at once, one does it. */
export async function migrateDatabase({ json }: { json: boolean }): Promise<number> {
  const { DATABASE_URL } = configOrExit(z.object(databaseSettings), environment())
  const done = await migrate({ url: DATABASE_URL })
  const text = done.length ? done.map(name => `migrated ${name}`).join('\n') : 'the database is up to date'
  answer({ json, data: { migrated: done }, text })
  return 0
}
