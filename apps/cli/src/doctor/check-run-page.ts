import { randomUUID } from 'node:crypto'
import { runPass } from '@code-agent/service/run-link'
import { type Check, fail, ok, reasonOf, warn } from './check.ts'
import type { DoctorSettings } from './doctor-settings.ts'

const name = 'run page'
const timeoutMs = 10_000

/**
 * Whether comments lead to a page that opens. A pass that ran out long ago, for a run that nobody has, opens nothing; but only a
 * gateway with the same key says that it ran out.
 */
export async function checkRunPage({ PUBLIC_URL: url, LINK_KEY: key }: DoctorSettings): Promise<Check[]> {
  if (key === undefined)
    return [
      warn(
        name,
        'without LINK_KEY comments and statuses lead to no page of their run',
        'Set LINK_KEY (openssl rand -base64 32) and PUBLIC_URL in gateway and worker-ado.',
      ),
    ]
  if (url === undefined || !URL.canParse(url))
    return [fail(name, 'PUBLIC_URL is not set, or no URL', 'Set it to where browsers reach the gateway, https://…')]
  const { runId, expires, signature } = runPass(key, { runId: randomUUID(), expires: 1 })
  const base = url.replace(/\/+$/, '')
  try {
    const response = await fetch(`${base}/runs/${runId}?expires=${expires}&signature=${signature}`, {
      signal: AbortSignal.timeout(timeoutMs),
      redirect: 'manual',
    })
    await response.body?.cancel()
    return [answerOf(response.status, base)]
  } catch (error) {
    const remedy = 'Is the gateway up, and does PUBLIC_URL lead to it (name, certificate, ingress)?'
    return [fail(name, `${base} does not answer: ${reasonOf(error)}`, remedy)]
  }
}

function answerOf(status: number, base: string): Check {
  if (status === 404)
    return fail(
      name,
      'the gateway does not know the key that links are signed by, or something else answers there',
      'Give gateway and worker-ado the same LINK_KEY, and restart them; while it is replaced the gateway has LINK_KEY_PREVIOUS.',
    )
  if (status !== 410)
    return fail(name, `${base}/runs/… answers ${status}`, 'Something else than the gateway answers at PUBLIC_URL.')
  if (base.startsWith('https:')) return ok(name, `links lead to ${base}, and open`)
  return warn(name, `links lead to ${base}, and open; over http they can be read on the way`, 'Serve it over https.')
}
