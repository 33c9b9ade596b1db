import { z } from 'zod'
import type { Endpoint } from './endpoint.ts'
import { type EndpointName, endpoints } from './endpoints.ts'
import { errors } from './errors.ts'
import { type RequestShape, requests } from './requests.ts'
import { type Shape, type ShapeName, shapes } from './shapes.ts'

/** One REST exchange as it went over the wire. */
export interface Exchange {
  endpoint: EndpointName
  path: string
  requestBody: string
  status: number
  contentType: string
  body: string
}

const errorKeys = ['$id', 'innerException', 'message', 'typeName', 'typeKey', 'errorCode', 'eventId']
const knownTypeKeys = new Set<string>(Object.values(errors).map(({ typeName }) => typeName.split('.').at(-1) ?? ''))
const anObject = z.record(z.string(), z.unknown())
const envelope = z.object({ value: z.array(z.unknown()), count: z.number() }).strict()
// lists of plain values or of lists, and identities that nobody knows
const unshaped: readonly ShapeName[] = ['Flag', 'ItemList']

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function keysWrong(value: unknown, { required, optional }: Omit<Shape, 'isList'>, what: string): string[] {
  const object = anObject.safeParse(value)
  if (!object.success) return [`${what} is not an object`]
  const keys = Object.keys(object.data)
  return [
    ...required.filter(key => !keys.includes(key)).map(key => `${what} lacks ${key}`),
    ...keys
      .filter(key => !required.includes(key) && !optional.includes(key))
      .map(key => `${what} has ${key}, which the contract does not know`),
  ]
}

function checkRequest(shape: RequestShape, text: string): string[] {
  const value = parse(text)
  if (!shape.isList) return keysWrong(value, shape, 'request')
  return Array.isArray(value) ? value.flatMap(one => keysWrong(one, shape, 'request')) : ['request is not a list']
}

function checkAnswer({ answer }: Endpoint, body: string): string[] {
  if (answer === 'none') return body === '' ? [] : ['answer has a body']
  if (answer === 'bytes') return []
  const value = parse(body)
  // how the service says that there is no such area or identity
  if (value === null) return []
  const name = answer.replace('[]', '')
  const [, shape] = Object.entries(shapes).find(([one]) => one === name) ?? []
  if (!shape) return [`no shape ${name}`]
  if (!answer.endsWith('[]')) return keysWrong(value, shape, 'answer')
  const list = envelope.safeParse(value)
  if (!list.success) return ['answer is not in the list envelope']
  const counted = list.data.count === list.data.value.length ? [] : ['count is not the length of the list']
  if (unshaped.some(one => one === name)) return counted
  return [...counted, ...list.data.value.filter(one => one !== null).flatMap(one => keysWrong(one, shape, 'answer'))]
}

function checkError(body: string): string[] {
  if (body === '') return []
  const value = anObject.safeParse(parse(body))
  if (!value.success) return ['error is not an object']
  const typeKey = String(value.data.typeKey)
  return [
    ...keysWrong(value.data, { required: errorKeys, optional: [] }, 'error'),
    ...(knownTypeKeys.has(typeKey) ? [] : [`error ${typeKey} is not in the contract`]),
  ]
}

/** What contradicts the contract in a request and its answer; nothing when all is well. */
export function checkExchange(exchange: Exchange): string[] {
  const endpoint: Endpoint = endpoints[exchange.endpoint]
  if (exchange.status >= 400) return checkError(exchange.body)
  const shape = requests[exchange.endpoint]
  return [
    ...(exchange.status === endpoint.status ? [] : [`status is ${exchange.status}, not ${endpoint.status}`]),
    ...(shape ? checkRequest(shape, exchange.requestBody) : []),
    ...checkAnswer(endpoint, exchange.body),
  ].map(finding => `${exchange.endpoint}: ${finding}`)
}
