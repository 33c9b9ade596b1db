import type { AzureDevOps, CommentHook } from '@code-agent/ado/port'
import type { Log } from '@code-agent/service/log'
import type { Settings } from '@code-agent/store/settings'
import { z } from 'zod'

export type WatchHooks = () => Promise<void>

export const hookStatuses = ['enabled', 'on-probation', 'disabled'] as const
const HookCounts = z.record(z.enum(hookStatuses), z.number())
type HookCounts = z.infer<typeof HookCounts>

type Ports = { store: Settings; ado: AzureDevOps; organisation: string; webhookUrl: string | undefined; log: Log }

/**
 * Looks at the web hooks themselves: one that Azure DevOps put on probation or disabled tells of nothing, and says so to
 * nobody. Without the right to see them there is nothing to say.
 */
export function watchHooks({ store, ado, organisation, webhookUrl, log }: Ports): WatchHooks {
  return async () => {
    const seen = await ado.listCommentHooks()
    if (!seen.found) return
    const hooks = seen.hooks.filter(hook => webhookUrl === undefined || hook.address === webhookUrl)
    for (const hook of hooks.filter(one => one.status !== 'enabled')) {
      log.error({ organisation, hook: hook.id, status: hook.status, alarm: 'service-hook' }, remedies[hook.status])
    }
    if (hooks.length === 0) log.warn({ organisation, alarm: 'service-hook' }, 'no service hook tells of comments')
    await store.saveSetting(settingOf(organisation), countsOf(hooks))
  }
}

const remedies = {
  enabled: '',
  'on-probation':
    'a service hook is on probation: new comments are found by looking only; edit and save it in the project settings once the gateway answers',
  disabled:
    'a service hook is disabled: new comments are found by looking only; enable it again in the project settings',
} as const satisfies Record<CommentHook['status'], string>

/** How many service hooks stand in each status, as somebody saw them last; undefined if nobody could look. */
export async function hookCounts(store: Settings, organisation: string): Promise<HookCounts | undefined> {
  return HookCounts.safeParse(await store.setting(settingOf(organisation))).data
}

function countsOf(hooks: CommentHook[]): HookCounts {
  const count = (status: CommentHook['status']) => hooks.filter(hook => hook.status === status).length
  return { enabled: count('enabled'), 'on-probation': count('on-probation'), disabled: count('disabled') }
}

function settingOf(organisation: string): string {
  return `service-hooks/${organisation}`
}
