import { z } from 'zod'
import { type Check, fail, ok, reasonOf } from './check.ts'

const Readiness = z.object({ failed: z.array(z.string()) })

/** Asks processes whether they and what they depend on are well: their addresses, with or without /healthz. */
export function checkProcesses(addresses: string[]): Promise<Check[]> {
  return Promise.all(addresses.map(checkProcess))
}

async function checkProcess(address: string): Promise<Check> {
  const base = address.replace(/\/+(healthz|readyz)?\/*$/, '')
  const name = `process at ${base}`
  try {
    const response = await fetch(`${base}/readyz`, { signal: AbortSignal.timeout(5_000) })
    if (response.ok) return ok(name, 'alive and ready')
    const said = Readiness.safeParse(await response.json().catch(() => undefined))
    const missing = said.success ? `it lacks ${said.data.failed.join(', ')}` : `/readyz answers ${response.status}`
    return fail(name, missing, 'Its log says why, with "not ready".')
  } catch (error) {
    return fail(name, reasonOf(error), 'Is it up, and may this machine reach it?')
  }
}
