import type { Redis } from 'ioredis'

const FLOW_SCRIPTS = /^(add(Standard|Parent|Delayed|Prioritized)Job|releaseParentIfNoPendingDependencies):/

/**
 * Makes sure that Redis knows every script that an add may call. A client believes for ever that what it sent once is
 * known; after SCRIPT FLUSH a flow could then be stored without its leaves, and its root would conclude from nothing.
 */
export async function ensureFlowScripts(client: Redis): Promise<void> {
  const scripts = Object.entries(client.scriptsSet).flatMap(([name, script]) =>
    FLOW_SCRIPTS.test(name) && isScript(script) ? [script] : [],
  )
  if (scripts.length === 0) throw new Error('BullMQ has not defined its flow scripts on this client')
  const known: unknown = await client.script('EXISTS', ...scripts.map(({ sha }) => sha))
  const missing = scripts.filter((_, index) => !Array.isArray(known) || known[index] !== 1)
  await Promise.all(missing.map(({ lua }) => client.script('LOAD', lua)))
}

function isScript(value: unknown): value is { sha: string; lua: string } {
  return (
    typeof value === 'object' && value !== null && 'sha' in value && 'lua' in value && typeof value.sha === 'string'
  )
}
