import type { z } from 'zod'
import type { Links } from '../rest/links.ts'
import type { Identity } from '../state/identity.ts'
import type { Project } from '../state/repository.ts'
import { ServiceError } from './service-error.ts'

/** One request, authenticated and routed. */
export interface Call {
  method: string
  /** of the path, decoded */
  params: Record<string, string>
  query: Query
  body: Buffer
  contentType: string
  /** what of the Accept header comes before its parameters, lower case */
  accept: string
  user: Identity
  /** of the URL, when it names one */
  project: Project | undefined
  links: Links
}

/** Query parameters by name, any case; `$top` is `top` or `$top`. */
export interface Query {
  text(name: string): string | undefined
  all(name: string): string[]
  number(name: string): number | undefined
  flag(name: string): boolean
}

export interface Answer {
  /** the contract's status unless said otherwise */
  status?: number
  json?: unknown
  bytes?: Buffer
  contentType?: string
  headers?: Record<string, string>
}

export type Handler = (call: Call) => Answer | Promise<Answer>
/** A handler for every endpoint of a table, and no other. */
export type Handlers<Table> = { [Name in keyof Table]: Handler }

export function readQuery(search: URLSearchParams): Query {
  const values = new Map<string, string[]>()
  for (const [name, value] of search) {
    const key = name.toLowerCase().replace(/^\$/, '')
    values.set(key, [...(values.get(key) ?? []), value])
  }
  const all = (name: string) => values.get(name.toLowerCase().replace(/^\$/, '')) ?? []
  const text = (name: string) => all(name).at(-1)
  return {
    all,
    text,
    number(name) {
      const value = text(name)
      if (value === undefined || value === '') return undefined
      const number = Number(value)
      if (!Number.isInteger(number)) throw new ServiceError('badArgument', 'Invalid argument value.', name)
      return number
    },
    flag: name => text(name)?.toLowerCase() === 'true',
  }
}

export function param(call: Call, name: string): string {
  const value = call.params[name]
  if (value === undefined) throw new Error(`the route has no {${name}}`)
  return value
}

/** The list envelope. */
export function list(value: readonly unknown[]): Answer {
  return { json: { value, count: value.length } }
}

/** The JSON body in the shape asked for, else 400 in the service's words. */
export function readBody<T extends z.ZodType>(call: Call, schema: T, name: string): z.infer<T> {
  const text = call.body.toString().replace(/^﻿/, '')
  let value: unknown
  try {
    value = text === '' ? undefined : JSON.parse(text)
  } catch {
    throw new ServiceError('badArgument', 'The request body is not valid JSON.', name)
  }
  if (value === undefined || value === null) throw new ServiceError('argumentNull', name)
  const result = schema.safeParse(value)
  if (!result.success) {
    const issue = result.error.issues[0]
    throw new ServiceError(
      'badArgument',
      issue?.message ?? 'Invalid argument value.',
      [name, ...(issue?.path ?? [])].join('.'),
    )
  }
  return result.data
}
