import { z } from 'zod'

/** Azure DevOps takes an enum value as its number or its name in any case, and gives back the name. */
export function looseEnum<const Names extends readonly string[]>(
  names: Names,
  numbers?: Record<number, Names[number]>,
) {
  return z.union([z.string(), z.number()]).transform((value, context): Names[number] => {
    const found = parseEnum(names, String(value), numbers)
    if (found !== undefined) return found
    context.addIssue({ code: 'custom', message: 'Invalid argument value.' })
    return z.NEVER
  })
}

export function parseEnum<const Names extends readonly string[]>(
  names: Names,
  value: string,
  numbers?: Record<number, Names[number]>,
): Names[number] | undefined {
  if (/^\d+$/.test(value)) return numbers ? numbers[Number(value)] : names[Number(value)]
  return names.find(name => name.toLowerCase() === value.toLowerCase())
}
