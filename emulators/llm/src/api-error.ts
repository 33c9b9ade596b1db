import type { FastifyReply } from 'fastify'

/** An error answer, before a protocol gives it a shape. */
export class ApiError extends Error {
  readonly status: number
  readonly errorCode: string | undefined
  readonly headers: Record<string, string>
  /** The connection breaks after this many bytes of the body. */
  readonly cutAfter: number | null
  constructor(
    status: number,
    message: string,
    rest: { errorCode?: string | undefined; headers?: Record<string, string>; cutAfter?: number | null } = {},
  ) {
    super(message)
    this.status = status
    this.errorCode = rest.errorCode
    this.headers = rest.headers ?? {}
    this.cutAfter = rest.cutAfter ?? null
  }
}

const defaultMessages: Record<number, string> = {
  400: 'Invalid request.',
  401: 'invalid x-api-key',
  402: 'Your credit balance is too low to access the API.',
  403: 'Your API key does not have permission to use the specified resource.',
  404: 'Not found',
  413: 'Request exceeds the maximum size',
  429: 'This request would exceed your rate limit. Please try again later.',
  500: 'Internal server error',
  502: 'Bad gateway',
  503: 'Service unavailable',
  504: 'Request timed out',
  529: 'Overloaded',
}

export function defaultMessage(status: number): string {
  return defaultMessages[status] ?? 'Internal server error'
}

/** Fastify's own errors (body too large, not JSON) have a status as well. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error
  const status =
    error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : 500
  return new ApiError(status, error instanceof Error ? error.message : String(error))
}

export function sendErrorBody(
  reply: FastifyReply,
  error: Pick<ApiError, 'status' | 'headers' | 'cutAfter'>,
  body: Record<string, unknown>,
): void {
  reply.code(error.status).headers(error.headers)
  if (error.cutAfter === null) {
    reply.send(body)
    return
  }
  const bytes = Buffer.from(JSON.stringify(body))
  reply.hijack()
  reply.raw.writeHead(error.status, {
    'content-type': 'application/json',
    'content-length': bytes.length,
    ...error.headers,
  })
  reply.raw.flushHeaders()
  reply.raw.write(bytes.subarray(0, error.cutAfter), () => reply.raw.destroy())
}
