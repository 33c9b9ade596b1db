import { environment } from '@code-agent/service/environment'

/** The servers that demo and dev use instead of private ones, when the environment names them. */
export function givenServers(): { redisUrl: string | undefined; databaseUrl: string | undefined } {
  const { REDIS_URL, DATABASE_URL } = environment()
  return { redisUrl: REDIS_URL || undefined, databaseUrl: DATABASE_URL || undefined }
}
