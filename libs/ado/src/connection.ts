import { GitApi } from 'azure-devops-node-api/GitApi.js'
import type {
  IHttpClientResponse,
  IRequestHandler,
  IRequestOptions,
} from 'azure-devops-node-api/interfaces/common/VsoBaseInterfaces.js'
import { getBearerHandler, getPersonalAccessTokenHandler, WebApi } from 'azure-devops-node-api/WebApi.js'
import type { z } from 'zod'
import { errorOf, unreachable } from './errors-of-azure-devops.ts'
import { remembered } from './remembered.ts'
import { routeTemplate } from './route-template.ts'
import { restAfter } from './throttle.ts'

/** One call that was made; `milliseconds` until the whole answer was read. */
export type CallRecord = {
  method: string
  path: string
  /** The path without names and ids. */
  route: string
  /** 0 when no answer came. */
  status: number
  milliseconds: number
  activityId: string | undefined
}

/** Azure DevOps asked for a pause while it still answered: the gate should close for everybody who shares the credential. */
export type Throttle = { gate: string; until: Date; reason: string }

export type ConnectionOptions = {
  /** Of the organisation or collection, as a browser shows it. */
  url: string
  token: string
  kind: 'pat' | 'bearer'
  /** Name of the gate of this credential. */
  gate: string
  /** Silence after which a call counts as unanswered. */
  timeoutMs?: number
  onThrottle?: (throttle: Throttle) => void
  log?: (call: CallRecord) => void
}

type Ask<Schema extends z.ZodType> = { path: string; query?: Record<string, string>; schema: Schema }

export type Connection = {
  /** Without a slash at its end. */
  url: string
  git(): Promise<GitApi>
  /** What the git client has no method for. @returns undefined when there is no such thing */
  read<Schema extends z.ZodType>(ask: Ask<Schema>): Promise<z.infer<Schema> | undefined>
  /** The same on the host that knows identities. */
  readIdentities<Schema extends z.ZodType>(ask: Ask<Schema>): Promise<z.infer<Schema> | undefined>
  /** Their clock as the last answer told it, to the second; ours before the first one. */
  theirTime(): Date
  close(): void
}

type Client = GitApi['rest']['client']

const productName = 'code-agent'

/** Azure DevOps may hold a call back for 30 s without a byte before it answers it well; giving up earlier would do work twice. */
const defaultTimeoutMs = 33_000

/** Understood by every Azure DevOps Server still supported. */
const accept = 'application/json;api-version=5.0'

/**
 * One client for all calls with one credential. It is made on the configured address itself, without asking which host serves
 * git: that saves two requests, and no answer can lead the credential elsewhere.
 */
export function connect(options: ConnectionOptions): Connection {
  const url = options.url.replace(/\/+$/, '')
  const settings: IRequestOptions = {
    keepAlive: true,
    socketTimeout: options.timeoutMs ?? defaultTimeoutMs,
    allowRedirects: false,
    allowRetries: false,
  }
  const gitApi = new GitApi(url, [credential(options)], settings, productName)
  const identities = new WebApi(identityUrl(url), credential(options), settings, {
    productName,
    productVersion: '',
    userAgent: productName,
  })
  let aheadMs = 0
  const noteClock = (date: string | undefined) => {
    const told = Date.parse(date ?? '')
    if (!Number.isNaN(told)) aheadMs = told - Date.now()
  }
  for (const { rest } of [gitApi, identities]) watch(rest.client, options, noteClock)

  return {
    url,
    git: remembered(async () => {
      // Parallel first calls would each ask for the locations: the client remembers them only once they are there.
      await gitApi.vsoClient.beginGetLocation('git', '')
      return gitApi
    }),
    read: ask => read(gitApi.rest, url, ask),
    readIdentities: ask => read(identities.rest, identities.serverUrl, ask),
    theirTime: () => new Date(Date.now() + aheadMs),
    close() {
      gitApi.rest.client.dispose()
      identities.rest.client.dispose()
    },
  }
}

async function read<Schema extends z.ZodType>(
  rest: GitApi['rest'],
  base: string,
  ask: Ask<Schema>,
): Promise<z.infer<Schema> | undefined> {
  const query = ask.query === undefined ? '' : `?${new URLSearchParams(ask.query)}`
  const { result } = await rest.get<unknown>(`${base}/_apis/${ask.path}${query}`, { acceptHeader: accept })
  if (result === null) return undefined
  const parsed = ask.schema.safeParse(result)
  if (!parsed.success)
    throw new Error(`Azure DevOps answered ${ask.path} in a shape we don't know.`, { cause: parsed.error })
  return parsed.data
}

/** Handlers of the client give their credential only to the host they saw first. */
function credential(options: ConnectionOptions): IRequestHandler {
  return options.kind === 'pat'
    ? getPersonalAccessTokenHandler(options.token, false)
    : getBearerHandler(options.token, false)
}

/** The service serves identities from a host of their own; a Server from the collection. */
export function identityUrl(url: string): string {
  const { protocol, host, pathname } = new URL(url)
  if (host === 'dev.azure.com') return `https://vssps.dev.azure.com${pathname}`
  const organisation = /^([^.]+)\.visualstudio\.com$/.exec(host)?.[1]
  return organisation === undefined ? url : `${protocol}//${organisation}.vssps.visualstudio.com`
}

/**
 * Looks at every answer before the client does, which takes sign-in pages for "not found" and does not heed throttling.
 * Only 404 is left to be its `null`.
 */
function watch(client: Client, options: ConnectionOptions, noteClock: (date: string | undefined) => void): void {
  const send = client.requestRaw.bind(client)
  client.requestRaw = async (info, data) => {
    const started = performance.now()
    const asked = { method: info.options.method ?? 'GET', path: (info.options.path ?? '').split('?')[0] ?? '' }
    const route = routeTemplate(asked.path)
    const milliseconds = () => Math.round(performance.now() - started)
    const { answer, body } = await whole(send(info, data)).catch(cause => {
      options.log?.({ ...asked, route, status: 0, milliseconds: milliseconds(), activityId: undefined })
      throw unreachable(asked, cause)
    })
    const { statusCode: status = 0, headers } = answer.message
    noteClock(headers.date)
    options.log?.({
      ...asked,
      route,
      status,
      milliseconds: milliseconds(),
      activityId: headers.activityid?.toString(),
    })

    const error = errorOf({ ...asked, status, headers, body }, options.gate)
    if (error !== undefined) throw error
    const throttle = restAfter(headers, new Date())
    if (throttle !== undefined) options.onThrottle?.({ gate: options.gate, ...throttle })
    // The client answers `null` to 404 before it reads the body, then puts the body into that very answer: give it none.
    return { message: answer.message, readBody: async () => (status === 404 ? '' : body) }
  }
}

async function whole(sending: Promise<IHttpClientResponse>): Promise<{ answer: IHttpClientResponse; body: string }> {
  const answer = await sending
  const text = await answer.readBody()
  // Some error bodies begin with a byte order mark, which JSON.parse does not take.
  return { answer, body: text.replace(/^\uFEFF/, '') }
}
