import { parseArgs } from 'node:util'
import type { Delivery, HookSubscription } from '@code-agent/ado/hook-subscriptions'
import { ago } from '../age.ts'
import { answer } from '../command.ts'
import { covers, flawOf, sameAddress } from './hook-plan.ts'
import { type HookSession, withHooks } from './hook-session.ts'

const options = {
  project: { type: 'string', multiple: true, default: [] as string[] },
  url: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const

/** `hooks status`: each subscription with its last deliveries; exit code 1 if a project has none that works. */
export async function hooksStatus(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options })
  return await withHooks(values, async session => {
    const found = await mine(session)
    const hooks = await Promise.all(
      found.map(async ({ hook, project }) => {
        const deliveries = await session.hooks.deliveries({ id: hook.id, limit: 5 })
        const flaw = flawOf(hook) ?? null
        return { project, id: hook.id, url: hook.url, status: hook.status, flaw, deliveries }
      }),
    )
    const silent = session.projects.map(({ name }) => name).filter(name => !hooks.some(one => one.project === name))
    const text = [
      ...hooks.map(one => `${one.project}: ${one.flaw ?? 'enabled'}${deliveriesText(one.deliveries)}`),
      ...silent.map(name => `${name}: no service hook; hooks install makes one`),
    ]
    answer({ json: values.json, data: { hooks, projectsWithout: silent }, text: text.join('\n') })
    return silent.length === 0 && hooks.every(one => one.flaw === null) ? 0 : 1
  })
}

/** `hooks test`: Azure DevOps sends its sample event; exit code 1 if the gateway did not take it. */
export async function testHooks(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options })
  return await withHooks(values, async session => {
    const found = await mine(session)
    if (found.length === 0) throw new Error('there is no service hook to test; hooks install makes one')
    const tests = []
    for (const { hook, project } of found) {
      const target = { ...session.target(), url: hook.url }
      const { result, answer: said, problem } = await session.hooks.test({ ...hook, target })
      tests.push({ project, id: hook.id, result, answer: said ?? null, problem: problem ?? null })
    }
    const text = tests.map(one => `${one.project}: ${one.result}${one.problem ? `: ${one.problem}` : ''}`)
    answer({ json: values.json, data: { tests }, text: text.join('\n') })
    return tests.every(one => one.result === 'succeeded') ? 0 : 1
  })
}

/** Those that deliver to our address, or all that tell of comments if nobody said what that is. */
async function mine(session: HookSession): Promise<{ hook: HookSubscription; project: string }[]> {
  const { url } = session
  const all = (await session.hooks.list()).filter(hook => url === undefined || sameAddress(hook.url, url))
  return session.projects.flatMap(project =>
    all.filter(hook => covers(hook, project)).map(hook => ({ hook, project: project.name })),
  )
}

function deliveriesText(deliveries: Delivery[]): string {
  if (deliveries.length === 0) return '; nothing delivered yet'
  return `; last deliveries: ${deliveries.map(one => `${one.result} ${ago(one.at)} ago`).join(', ')}`
}
