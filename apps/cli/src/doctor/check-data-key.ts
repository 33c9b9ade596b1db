import { openStore } from '@code-agent/store/store'
import { type Check, fail, ok, reasonOf, warn } from './check.ts'
import type { DoctorSettings } from './doctor-settings.ts'

const name = 'data at rest'

/** Whether what people and models wrote is sealed, and by a key that is here. */
export async function checkDataKey(settings: DoctorSettings): Promise<Check[]> {
  const { DATA_KEY: key, DATA_KEY_PREVIOUS: previous, DATABASE_URL: url } = settings
  if (key === undefined)
    return [
      warn(
        name,
        'without DATA_KEY intents, patches and conversations stand readable in Postgres',
        'Set DATA_KEY in every app: openssl rand -base64 32.',
      ),
    ]
  if (url === undefined) return [ok(name, 'sealed')]
  const keys = [key, previous].filter(one => one !== undefined)
  const remedy = 'Set the former key as DATA_KEY_PREVIOUS, the same in every app; see npm run rotate-keys.'
  try {
    const store = openStore({ url, max: 1, dataKeys: keys })
    try {
      const runs = await store.runs({ limit: 200 })
      return [ok(name, runs.length === 0 ? 'will be sealed' : `sealed; the last ${runs.length} runs open`)]
    } finally {
      await store.close()
    }
  } catch (error) {
    const because = reasonOf(error)
    // Whether the database answers is a check of its own.
    return /data key/.test(because)
      ? [fail(name, because, remedy)]
      : [warn(name, `not checked: ${because}`, 'See the postgres checks.')]
  }
}
