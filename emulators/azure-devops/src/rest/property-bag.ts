import { z } from 'zod'
import type { PropertyValue } from '../pull-request/pull-request.ts'

const wrapped = z.object({ $type: z.string(), $value: z.unknown() })

/** A value as the service keeps it: with the name of its .NET type. */
export function asProperty(value: unknown): PropertyValue {
  const given = wrapped.safeParse(value)
  if (given.success) return { $type: given.data.$type, $value: given.data.$value }
  if (typeof value === 'number')
    return { $type: Number.isInteger(value) ? 'System.Int32' : 'System.Double', $value: value }
  if (typeof value === 'string') return { $type: 'System.String', $value: value }
  return { $type: 'System.String', $value: JSON.stringify(value) }
}

export const propertyBag = z
  .record(z.string(), z.unknown())
  .transform(bag => new Map(Object.entries(bag).map(([name, value]) => [name, asProperty(value)])))
