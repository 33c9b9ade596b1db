import { randomUUID } from 'node:crypto'
import type { Notification, Subscription } from './subscription.ts'

export interface Posted {
  /** null when no answer came in time */
  status: number | null
  request: string
  response: string
  errorMessage: string
}

/** `Key:value` per line, as the consumer's httpHeaders input has them. */
function givenHeaders(lines: string | undefined): Record<string, string> {
  const pairs = (lines ?? '').split(/\r?\n/).map(line => /^([^:]+):(.*)$/.exec(line))
  return Object.fromEntries(pairs.flatMap(match => (match ? [[match[1]?.trim() ?? '', match[2]?.trim() ?? '']] : [])))
}

/** resourceDetailsToSend, messagesToSend and detailedMessagesToSend leave parts out. */
function trimmed(subscription: Subscription, event: Record<string, unknown>): Record<string, unknown> {
  const setting = (name: string) => subscription.consumerInputs[name]?.toLowerCase() || 'all'
  const choose = (name: 'message' | 'detailedMessage', wanted: string) => {
    const value = event[name]
    if (wanted === 'all' || typeof value !== 'object' || value === null) return value
    if (wanted === 'none') return null
    return Object.fromEntries(Object.entries(value).filter(([key]) => key === wanted))
  }
  const { resource, ...rest } = event
  const details = setting('resourceDetailsToSend')
  const minimal = typeof resource === 'object' && resource !== null && 'url' in resource ? { url: resource.url } : {}
  return {
    ...rest,
    message: choose('message', setting('messagesToSend')),
    detailedMessage: choose('detailedMessage', setting('detailedMessagesToSend')),
    ...(details === 'none' ? {} : { resource: details === 'minimal' ? minimal : resource }),
  }
}

function hidden(headers: Record<string, string>): string {
  return Object.entries(headers)
    .map(([name, value]) => `${name}: ${/authorization/i.test(name) ? '********' : value}`)
    .join('\n')
}

/** One attempt at delivering; never throws. */
export async function post(
  subscription: Subscription,
  notification: Notification,
  signal: AbortSignal,
): Promise<Posted> {
  const { url = '', basicAuthUsername = '', basicAuthPassword = '', httpHeaders } = subscription.consumerInputs
  const activity = randomUUID()
  const login = basicAuthUsername || basicAuthPassword ? `${basicAuthUsername}:${basicAuthPassword}` : undefined
  const headers = {
    'Content-Type': 'application/json; charset=utf-8',
    'User-Agent': 'VSServices/19.225.0.0 (TfsJobAgent.exe, Web)',
    'Request-Id': `|${activity}.`,
    'X-VSS-ActivityId': activity,
    'X-VSS-SubscriptionId': subscription.id,
    ...(login === undefined ? {} : { Authorization: `Basic ${Buffer.from(login).toString('base64')}` }),
    ...givenHeaders(httpHeaders),
  }
  const request = `Method: POST\nURI: ${url}\n${hidden(headers)}`
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers,
      body: JSON.stringify(trimmed(subscription, notification.event)),
      redirect: 'manual',
      signal,
    })
    const text = await response.text()
    const answer = `Status Code: ${response.status}\n${text.slice(0, 2000)}`
    return { status: response.status, request, response: answer, errorMessage: response.ok ? '' : response.statusText }
  } catch (cause) {
    return { status: null, request, response: '', errorMessage: cause instanceof Error ? cause.message : String(cause) }
  }
}
