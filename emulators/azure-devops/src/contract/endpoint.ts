import type { ShapeName } from './shapes.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** What an answer's body is: one object, a list in its envelope, bytes in several formats, or nothing. */
export type AnswerKind = ShapeName | `${ShapeName}[]` | 'bytes' | 'none'

export interface Endpoint {
  method: Method
  /** after `_apis/`, any case; `{name}` is one segment, `{*name}` the rest */
  path: string
  /** GUID of the location that OPTIONS names for it */
  location: string
  status: number
  answer: AnswerKind
  /** scope that a token needs, unless it has all */
  scope: string
}

export type EndpointTable = Record<string, Endpoint>

const read = 'vso.code'
const write = 'vso.code_write'

/** Reading needs vso.code and writing vso.code_write unless said otherwise. */
export function endpoint(
  method: Method,
  path: string,
  location: string,
  answer: AnswerKind,
  { status = 200, scope = method === 'GET' ? read : write }: { status?: number; scope?: string } = {},
): Endpoint {
  return { method, path, location, status, answer, scope }
}
