import type { FastifyRequest } from 'fastify'
import { ApiError } from './api-error.ts'

export interface Credentials {
  /** Throws a 401 when the request bears no key or a wrong one. */
  check(request: FastifyRequest): void
  /** The key itself: what caches and limits are kept apart by. */
  nameOf(request: FastifyRequest): string
}

/** `apiKeys` undefined: every key is good, but there must be one. `required` false: as self-hosted servers without a key. */
export function createCredentials(apiKeys: readonly string[] | undefined, options: { required: boolean }): Credentials {
  function nameOf(request: FastifyRequest): string {
    const bearer = /^Bearer (.+)$/i.exec(header(request, 'authorization') ?? '')?.[1]
    return bearer ?? header(request, 'x-api-key') ?? ''
  }
  return {
    nameOf,
    check(request) {
      const key = nameOf(request)
      if (key === '' && (options.required || apiKeys)) throw new ApiError(401, 'x-api-key header is required')
      if (apiKeys && !apiKeys.includes(key)) throw new ApiError(401, 'invalid x-api-key')
    },
  }
}

export function header(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name]
  return Array.isArray(value) ? value[0] : value
}
