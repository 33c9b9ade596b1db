import { Rejected, Throttled } from '@code-agent/jobs/errors'
import { gateOf, hostOf, type ModelConfig, settingName } from './model-config.ts'

/** What either SDK knows of a failure. */
export interface Failure {
  /** Undefined when no answer, or only a part of one, came. */
  status: number | undefined
  /** Not even headers came. */
  unreached: boolean
  /** The server's broad category or code. */
  codes: (string | null | undefined)[]
  /** The server's own explanation. */
  explanation: string | undefined
  headers: Headers | undefined
  cause: unknown
}

const spentCodes = new Set([
  'enforced_spend_limit_reached',
  'contract_spend_limit_reached',
  'linked_organization_spend_limit_reached',
  'insufficient_quota',
  'billing_error',
])
/** When a server says "later" but not when: long enough to help, short enough for a run's deadline. */
const restMs = 8_000

/** The server or the way to it failed; asking again may help. The message is for people. */
export class ModelFailed extends Error {
  override name = 'ModelFailed'
}

/** Maps a failure to what the queue must do; called once, at the adapters' edge. */
export function toModelError(failure: Failure, config: ModelConfig, signal: AbortSignal): Error {
  const { status, cause } = failure
  if (signal.aborted) return stopped(signal, cause)
  if (failure.codes.some(code => code && spentCodes.has(code)) || status === 402) {
    return new Rejected(
      `The budget of the model's account at ${hostOf(config)} is spent: raise its limit or add credit.`,
      { cause },
    )
  }
  if (status === 429) return throttled('is asked too often', failure, config)
  if (status === 529 || failure.codes.includes('overloaded_error')) return throttled('is overloaded', failure, config)
  if (status === undefined || status >= 500 || status === 408 || status === 409 || status === 425)
    return transient(failure, config)
  return new Rejected(rejection(status, failure, config), { cause })
}

function stopped(signal: AbortSignal, cause: unknown): Error {
  const late = signal.reason instanceof DOMException && signal.reason.name === 'TimeoutError'
  return new Error(late ? 'The model did not finish in time.' : 'The model was stopped.', {
    cause: signal.reason ?? cause,
  })
}

function throttled(what: string, { headers, cause }: Failure, config: ModelConfig): Throttled {
  const until = new Date(Date.now() + (retryAfterMs(headers) ?? restMs * (1 + Math.random())))
  return new Throttled(`The model "${config.model}" at ${hostOf(config)} ${what}.`, {
    until,
    gate: gateOf(config),
    cause,
  })
}

/** Seconds, milliseconds or a date, as servers and proxies send it. */
export function retryAfterMs(headers: Headers | undefined): number | undefined {
  const milliseconds = Number.parseFloat(headers?.get('retry-after-ms') ?? '')
  if (milliseconds >= 0) return milliseconds
  const text = headers?.get('retry-after') ?? ''
  const seconds = Number(text)
  if (text !== '' && seconds >= 0) return seconds * 1000
  const date = Date.parse(text)
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now())
}

function transient({ status, unreached, explanation, cause }: Failure, config: ModelConfig): Error {
  const host = hostOf(config)
  if (status !== undefined)
    return new ModelFailed(`The model server at ${host} failed with status ${status}${because(explanation)}.`, {
      cause,
    })
  if (!unreached)
    return new ModelFailed(`The answer of the model at ${host} broke off${because(explanation)}.`, { cause })
  const code = networkCode(cause) ?? 'connection failed'
  return new ModelFailed(
    `The model server at ${host} can't be reached (${code}): check ${settingName(config, 'baseUrl')} and the network.`,
    { cause },
  )
}

/** Node hides why a connection failed at the end of a chain of causes. */
function networkCode(error: unknown, depth = 0): string | undefined {
  if (!(error instanceof Error) || depth > 6) return undefined
  if ('code' in error && typeof error.code === 'string') return error.code
  return networkCode(error instanceof AggregateError ? error.errors[0] : error.cause, depth + 1)
}

function rejection(status: number, { explanation, codes }: Failure, config: ModelConfig): string {
  const host = hostOf(config)
  const name = (setting: Parameters<typeof settingName>[1]) => settingName(config, setting)
  if (status === 401) return `The model server at ${host} refused the API key: correct ${name('apiKey')}.`
  if (status === 403)
    return `The API key may not use the model "${config.model}" at ${host}: correct ${name('apiKey')} or ${name('model')}.`
  if (status === 404 || status === 405) {
    const speaksOfModel =
      codes.includes('model_not_found') || codes.includes('NotFoundError') || /model/i.test(explanation ?? '')
    if (speaksOfModel)
      return `The model server at ${host} does not know the model "${config.model}": correct ${name('model')}.`
    return `There is no model server at ${config.baseUrl ?? host}: correct ${name('baseUrl')}${pathHint(config)}.`
  }
  if (/not support tools|tool(?: use|s) (?:is|are) not supported|requires? --jinja/i.test(explanation ?? ''))
    return `The model "${config.model}" at ${host} takes no tools: say "capabilities": { "tools": false } of it in ${config.describedIn ?? 'MODELS_FILE'}.`
  const tooLong =
    status === 413 ||
    codes.includes('exceed_context_size_error') ||
    /prompt is too long|context (?:length|window|size)|maximum context|too many tokens|`inputs` tokens/i.test(
      explanation ?? '',
    )
  if (tooLong)
    return `The files and changes that belong to this request are too much for the model "${config.model}": ask for less at once, or choose a model with a larger context in ${name('model')}.`
  return `The model server at ${host} refused the request (${status})${because(explanation)}: check ${name('model')} and ${name('provider')}.`
}

/** The commonest mistake: each SDK completes its base URL in its own way. */
function pathHint({ provider, baseUrl = '' }: ModelConfig): string {
  const versioned = /\/v1\/?$/.test(baseUrl)
  if (provider === 'anthropic' && versioned) return ' (without /v1 at its end)'
  return provider === 'openai-chat' && !versioned ? ' (it usually ends with /v1)' : ''
}

/** The server's words, cut to one harmless line. */
function because(explanation: string | undefined): string {
  const line = (explanation ?? '')
    .replace(/[\s\p{C}]+/gu, ' ')
    .trim()
    .replace(/\.$/, '')
  return line === '' ? '' : `, saying "${line.slice(0, 200)}"`
}
