import { Answered, Rejected, Throttled } from '@code-agent/jobs/errors'
import { z } from 'zod'
import { blockedUntil, type Headers } from './throttle.ts'

/** One answer of Azure DevOps with what was asked; `path` is without the host. */
export type Answer = { method: string; path: string; status: number; headers: Headers; body: string }

const ErrorBody = z.object({ message: z.string(), typeKey: z.string().optional() })

/** Azure DevOps understood and said no. An ensure looks at `status` and `typeKey` before it gives up. */
export class Refused extends Rejected {
  readonly status: number
  readonly typeKey: string
  constructor(message: string, options: { status: number; typeKey: string; cause?: unknown }) {
    super(message, { cause: options.cause })
    this.status = options.status
    this.typeKey = options.typeKey
  }
}

/**
 * The one place where answers become errors. 404 is none: the client gives `null` for it, and by this nothing else does.
 * A sign-in page (203, a redirect, or HTML where JSON belongs) means that the credential was not accepted.
 */
export function errorOf(answer: Answer, gate: string): Error | undefined {
  const { status } = answer
  if (
    status === 401 ||
    status === 203 ||
    isRedirect(status) ||
    (status < 500 && status !== 404 && isHtml(answer.headers))
  ) {
    return new Refused(
      `The credential for Azure DevOps was not accepted (${status}). An operator of the service must check that it is valid, not expired, and has the scopes for code and identities.`,
      { status, typeKey: 'Credential' },
    )
  }
  if (status < 300 || status === 404) return undefined

  const said = whatWasSaid(answer.body)
  const cause = new Error(`${answer.method} ${answer.path} was answered ${status}: ${said.message}`)
  if (status === 429 || (status === 503 && answer.headers['retry-after'] !== undefined)) {
    return new Throttled('Azure DevOps has too many requests of ours and asks us to wait.', {
      until: blockedUntil(answer.headers, new Date()),
      gate,
      cause,
    })
  }
  if (status >= 500 || status === 408) {
    const sentence = `Azure DevOps could not answer just now (${status}).`
    // A gateway that gave up says nothing of what it had passed on.
    return [408, 502, 504].includes(status) ? new Error(sentence, { cause }) : new Answered(sentence, { cause })
  }
  return new Refused(refusalSentence(status, said.message), { status, typeKey: said.typeKey, cause })
}

/** No answer at all: connection refused, cut, or timed out. What was asked may have happened nevertheless. */
export function unreachable(asked: { method: string; path: string }, cause: unknown): Error {
  return new Error(`Azure DevOps did not answer ${asked.method} ${asked.path}.`, { cause })
}

/** For a `null` where there must be something: it is gone, or hidden from this credential. */
export function missing(what: string): Rejected {
  return new Rejected(`Azure DevOps does not find ${what}: it was deleted, or this service may not see it.`)
}

function refusalSentence(status: number, message: string): string {
  const right = /TF401027: You need the Git '(\w+)' permission/.exec(message)?.[1]
  if (right !== undefined)
    return `This service lacks the right "${rightNames[right] ?? right}" on the repository. Someone who administers the repository can grant it.`
  if (status === 403) return `Azure DevOps does not permit this to the service: ${message}`
  return `Azure DevOps refused: ${message}`
}

/** As the security page of a repository calls them. */
const rightNames: Record<string, string> = {
  GenericRead: 'Read',
  GenericContribute: 'Contribute',
  CreateBranch: 'Create branch',
  ForcePush: 'Force push (rewrite history, delete branches and tags)',
  PullRequestContribute: 'Contribute to pull requests',
}

function whatWasSaid(body: string): { message: string; typeKey: string } {
  const parsed = ErrorBody.safeParse(jsonOf(body))
  if (!parsed.success) return { message: 'no reason was given', typeKey: '' }
  return { message: parsed.data.message.replace(/\s+/g, ' ').slice(0, 500), typeKey: parsed.data.typeKey ?? '' }
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

function isRedirect(status: number): boolean {
  return status >= 300 && status < 400 && status !== 304
}

function isHtml(headers: Headers): boolean {
  return String(headers['content-type'] ?? '').startsWith('text/html')
}
