import { parseArgs } from 'node:util'
import { answer } from '../command.ts'
import { covers, type PlannedHook, planHooks, sameAddress } from './hook-plan.ts'
import { type HookSession, withHooks } from './hook-session.ts'

const options = {
  project: { type: 'string', multiple: true, default: [] as string[] },
  url: { type: 'string' },
  'dry-run': { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const

/** `hooks install`: every project gets exactly one subscription; asking again changes nothing. */
export async function installHooks(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: { ...options, renew: { type: 'boolean', default: false } } })
  return await withHooks(values, async session => {
    const { url, username } = session.target()
    const existing = await session.hooks.list()
    const plan = planHooks({ projects: session.projects, existing, url, username, renew: values.renew })
    return await carryOut(session, plan, values)
  })
}

/** `hooks remove`: those that deliver to the address, in the projects meant. */
export async function removeHooks(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options })
  return await withHooks(values, async session => {
    const { url } = session
    if (url === undefined) throw new Error('say which: --url, or WEBHOOK_URL')
    const existing = (await session.hooks.list()).filter(hook => sameAddress(hook.url, url))
    const plan = session.projects.flatMap(project =>
      existing
        .filter(hook => covers(hook, project) && (hook.projectId !== '' || values.project.length === 0))
        .map(hook => ({ action: 'remove' as const, project, hook, because: 'you asked for it' })),
    )
    return await carryOut(session, plan, values)
  })
}

async function carryOut(
  { hooks, target }: HookSession,
  plan: PlannedHook[],
  { json, 'dry-run': dryRun }: { json: boolean; 'dry-run': boolean },
): Promise<number> {
  const done = []
  for (const step of once(plan)) {
    const id = dryRun ? idOf(step) : await act(step)
    done.push({ action: step.action, project: step.project.name, id, because: 'because' in step ? step.because : null })
  }
  const lines = done.map(one => `${words(one.action, dryRun)} ${one.project}${one.because ? `: ${one.because}` : ''}`)
  answer({ json, data: { dryRun, hooks: done }, text: lines.join('\n') || 'There is nothing to do.' })
  return 0

  async function act(step: PlannedHook): Promise<string | null> {
    if (step.action === 'create') return (await hooks.create({ projectId: step.project.id, target: target() })).id
    if (step.action === 'replace') await hooks.replace({ ...step.hook, target: target() })
    if (step.action === 'remove') await hooks.remove({ id: step.hook.id })
    return step.hook.id
  }
}

/** A hook for all projects is met in each of them. */
function once(plan: PlannedHook[]): PlannedHook[] {
  const met = new Set<string>()
  return plan.filter(step => {
    const id = step.action === 'create' ? step.project.id : `${step.action} ${step.hook.id}`
    return !met.has(id) && met.add(id)
  })
}

function idOf(step: PlannedHook): string | null {
  return 'hook' in step ? step.hook.id : null
}

function words(action: PlannedHook['action'], dryRun: boolean): string {
  if (action === 'keep') return 'kept     '
  return dryRun ? `would ${action}` : { create: 'created  ', replace: 'mended   ', remove: 'removed  ' }[action]
}
