import { connect } from '@code-agent/ado/connection'
import { type HookSubscriptions, type HookTarget, hookSubscriptions } from '@code-agent/ado/hook-subscriptions'
import { inspect, type Project } from '@code-agent/ado/inspect'
import { decodeConfig } from '@code-agent/service/config'
import { environment } from '@code-agent/service/environment'
import { z } from 'zod'
import { azureDevOpsFromEnvironment } from '../operator-settings.ts'

const HookSettings = z.object({
  WEBHOOK_URL: z.url().optional(),
  WEBHOOK_USERNAME: z.string().min(1).max(256).regex(/^\S+$/, 'Azure DevOps takes no white space here').optional(),
  WEBHOOK_PASSWORD: z.string().min(8).max(256).regex(/^\S+$/, 'Azure DevOps takes no white space here').optional(),
})

export type HookSession = {
  hooks: HookSubscriptions
  projects: Project[]
  /** Where deliveries go; undefined if nobody said. */
  url: string | undefined
  /** @throws when address, user name or password is missing */
  target(): HookTarget
}

/** Azure DevOps, the projects that are meant, and the gateway's address, for as long as `work` takes. */
export async function withHooks<T>(
  asked: { project: string[]; url?: string | undefined },
  work: (session: HookSession) => Promise<T>,
): Promise<T> {
  const settings = decodeConfig(HookSettings, environment())
  const connection = connect(azureDevOpsFromEnvironment())
  const url = asked.url ?? settings.WEBHOOK_URL
  if (url !== undefined && !/^https?:$/.test(URL.parse(url)?.protocol ?? ''))
    throw new Error(`${url} is no web address`)
  try {
    const projects = chosen(await inspect(connection).projects(), asked.project)
    const hooks = hookSubscriptions(connection)
    return await work({ hooks, projects, url, target: () => targetOf(url, settings) })
  } finally {
    connection.close()
  }
}

function chosen(all: Project[], names: string[]): Project[] {
  if (names.length === 0) return all
  return names.map(name => {
    const found = all.find(one => [one.id, one.name].some(known => known.toLowerCase() === name.toLowerCase()))
    if (!found) throw new Error(`Azure DevOps shows no project “${name}” to this credential`)
    return found
  })
}

function targetOf(url: string | undefined, settings: z.infer<typeof HookSettings>): HookTarget {
  const { WEBHOOK_USERNAME: username, WEBHOOK_PASSWORD: password } = settings
  if (url === undefined) throw new Error('say where to deliver: --url, or WEBHOOK_URL')
  if (username === undefined || password === undefined)
    throw new Error('set WEBHOOK_USERNAME and WEBHOOK_PASSWORD, as the gateway has them')
  return { url, username, password }
}
