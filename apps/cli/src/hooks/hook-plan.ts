import type { HookSubscription } from '@code-agent/ado/hook-subscriptions'
import type { Project } from '@code-agent/ado/inspect'

export type PlannedHook =
  | { action: 'create'; project: Project }
  | { action: 'keep' | 'replace' | 'remove'; project: Project; hook: HookSubscription; because: string }

/**
 * What would have to be done so that every project tells the gateway of comments exactly once.
 * @param of.renew give existing ones their password again: what is stored of it cannot be read
 */
export function planHooks(of: {
  projects: Project[]
  existing: HookSubscription[]
  url: string
  username: string
  renew: boolean
}): PlannedHook[] {
  return of.projects.flatMap((project): PlannedHook[] => {
    const [first, ...others] = of.existing
      .filter(hook => sameAddress(hook.url, of.url) && covers(hook, project))
      .toSorted((a, b) => rank(a) - rank(b))
    if (first === undefined) return [{ action: 'create', project }]
    const because = of.renew ? 'its password is set anew' : flawOf(first, of.username)
    return [
      because === undefined
        ? { action: 'keep', project, hook: first, because: 'it is as it should be' }
        : { action: 'replace', project, hook: first, because },
      ...others
        .filter(hook => hook.projectId !== '')
        .map(hook => ({ action: 'remove' as const, project, hook, because: 'it says the same a second time' })),
    ]
  })
}

/** Without a project a hook is for all of them. */
export function covers(hook: HookSubscription, project: Project): boolean {
  return hook.projectId === '' || hook.projectId.toLowerCase() === project.id.toLowerCase()
}

/** One that works before one that does not, one for all projects before one's own. */
function rank(hook: HookSubscription): number {
  return (hook.status === 'enabled' ? 0 : 2) + (hook.projectId === '' ? 0 : 1)
}

/** What keeps a hook from telling us what we need, in words. */
export function flawOf(hook: HookSubscription, username?: string): string | undefined {
  if (hook.status === 'on-probation') return 'it is on probation: deliveries failed, and new ones are held back'
  if (hook.status !== 'enabled') return `it is ${hook.status.replaceAll('-', ' ')}`
  if (hook.resourceVersion !== '2.0')
    return `it sends version ${hook.resourceVersion || 'unknown'} of the event, which names no pull request`
  if (hook.detail !== 'all') return `it sends ${hook.detail} details, and we need all`
  if (username !== undefined && hook.username !== username) return `its user name is “${hook.username}”`
  return undefined
}

export function sameAddress(one: string, other: string): boolean {
  const [a, b] = [URL.parse(one), URL.parse(other)]
  return a !== null && b !== null && a.href.replace(/\/+$/, '') === b.href.replace(/\/+$/, '')
}
