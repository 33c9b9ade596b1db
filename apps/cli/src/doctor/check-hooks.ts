import type { Connection } from '@code-agent/ado/connection'
import { Refused } from '@code-agent/ado/errors-of-azure-devops'
import { type HookSubscriptions, hookSubscriptions } from '@code-agent/ado/hook-subscriptions'
import type { Project } from '@code-agent/ado/inspect'
import { ago } from '../age.ts'
import { flawOf, sameAddress } from '../hooks/hook-plan.ts'
import { type Check, fail, ok, warn } from './check.ts'

/** Whether every project tells the gateway of comments, and whether its last deliveries arrived. */
export async function checkHooks(
  connection: Connection,
  of: { projects: Project[]; url: string | undefined; username: string | undefined },
): Promise<Check[]> {
  const hooks = hookSubscriptions(connection)
  try {
    const all = await hooks.list()
    const ours = all.filter(hook => of.url === undefined || sameAddress(hook.url, of.url))
    return await Promise.all(
      of.projects.map(async ({ id, name: project }) => {
        const name = `service hook of ${project}`
        const hook = ours.find(one => one.projectId.toLowerCase() === id.toLowerCase() || one.projectId === '')
        if (hook === undefined)
          return fail(
            name,
            `there is none${of.url === undefined ? '' : ` for ${of.url}`}: commands are found late, by looking`,
            `npm run hooks -- install --project "${project}"`,
          )
        const flaw = flawOf(hook, of.username)
        if (flaw !== undefined)
          return fail(name, flaw, `npm run hooks -- install --project "${project}" mends it, once the gateway answers.`)
        return await lastDeliveries(hooks, hook.id, name)
      }),
    )
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    return [
      warn(
        'service hooks',
        'this credential may not see them',
        'Set AZURE_DEVOPS_ADMIN_TOKEN to one of somebody who may view subscriptions.',
      ),
    ]
  }
}

async function lastDeliveries(hooks: HookSubscriptions, id: string, name: string): Promise<Check> {
  const deliveries = await hooks.deliveries({ id, limit: 10 })
  const [newest] = deliveries
  if (newest === undefined)
    return ok(name, 'enabled; nothing was delivered yet (npm run hooks -- test sends something)')
  const failed = deliveries.filter(one => one.result === 'failed')
  if (newest.result === 'failed')
    return fail(
      name,
      `its last delivery failed, ${ago(newest.at)} ago${newest.problem ? `: ${newest.problem}` : ''}`,
      'See the webhook checks below; the history stands in Project settings, Service hooks.',
    )
  if (failed.length > 0)
    return warn(
      name,
      `${failed.length} of its last ${deliveries.length} deliveries failed`,
      'Look when they did: Project settings, Service hooks, History.',
    )
  return ok(name, `enabled; last delivery ${newest.result} ${ago(newest.at)} ago`)
}
