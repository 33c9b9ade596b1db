import { readFileSync } from 'node:fs'
import { redisPasswords } from '@code-agent/jobs/redis-address'
import { z } from 'zod'
import type { Environment } from './environment.ts'

/** Names end so that nobody has to remember to say that a variable is secret; `.meta({ secret: true })` says it too. */
const SECRET_NAME = /(TOKEN|KEY|PASSWORD|SECRET)(_PREVIOUS)?$/
const FILE_SUFFIX = '_FILE'

/** One sentence per wrong variable; safe to print. */
class WrongConfig extends Error {
  override name = 'WrongConfig'
}

/**
 * Decodes variables by a schema whose keys are their names. A variable may also stand in a file, named by NAME_FILE
 * (a mounted secret; one final line end is dropped).
 * @throws WrongConfig naming each wrong variable, what was wrong and an example
 */
export function decodeConfig<Schema extends z.ZodObject>(schema: Schema, env: Environment): z.infer<Schema> {
  const problems: string[] = []
  const values: Record<string, string> = {}
  for (const name of Object.keys(schema.shape)) {
    const { value, problem } = lookUp(name, env)
    if (problem !== undefined) problems.push(problem)
    if (value !== undefined) values[name] = value
  }
  const decoded = schema.safeParse(values)
  if (problems.length === 0 && decoded.success) return decoded.data
  const issues = decoded.success ? [] : decoded.error.issues.map(issue => describe(schema, values, issue))
  throw new WrongConfig([...new Set([...problems, ...issues])].join('\n'))
}

/** As decodeConfig, for a main: says what is wrong on stderr and exits 1. */
export function configOrExit<Schema extends z.ZodObject>(schema: Schema, env: Environment): z.infer<Schema> {
  try {
    return decodeConfig(schema, env)
  } catch (error) {
    if (!(error instanceof WrongConfig)) throw error
    process.stderr.write(`The configuration is wrong.\n${error.message}\n`)
    process.exit(1)
  }
}

/** The secret values of a configuration, passwords inside URLs included: what must never be logged. */
export function secretsOf(schema: z.ZodObject, config: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(schema.shape).flatMap(name => {
    const value = config[name]
    if (typeof value !== 'string') return []
    return isSecret(schema, name) ? [value, ...urlPasswords(value)] : urlPasswords(value)
  })
}

export function isSecret(schema: z.ZodObject, name: string): boolean {
  return SECRET_NAME.test(name) || metaOf(schema, name)?.secret === true
}

/** What a schema says of a variable for people. */
export function metaOf(schema: z.ZodObject, name: string) {
  const variable: unknown = schema.shape[name]
  return variable instanceof z.ZodType ? variable.meta() : undefined
}

function lookUp(name: string, env: Environment): { value?: string; problem?: string } {
  const direct = env[name] || undefined
  const file = env[name + FILE_SUFFIX] || undefined
  if (file === undefined) return direct === undefined ? {} : { value: direct }
  if (direct !== undefined) return { problem: `${name} and ${name}${FILE_SUFFIX} are both set: which one is meant?` }
  try {
    return { value: readFileSync(file, 'utf8').replace(/\r?\n$/, '') }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return { problem: `${name}${FILE_SUFFIX} names a file that cannot be read: ${reason}` }
  }
}

function describe(schema: z.ZodObject, values: Readonly<Record<string, string>>, issue: z.core.$ZodIssue): string {
  const name = String(issue.path[0] ?? '')
  const meta = metaOf(schema, name)
  const value = values[name]
  const missing = value === undefined && issue.code === 'invalid_type'
  const what = missing ? `${name} is missing` : `${name}${shown(schema, name, value)}: ${issue.message}`
  const meaning = missing && meta?.description ? `: ${meta.description}` : ''
  const example = typeof meta?.example === 'string' ? ` Example: ${name}=${meta.example}` : ''
  return `${what}${meaning}.${example}`
}

function shown(schema: z.ZodObject, name: string, value: string | undefined): string {
  if (value === undefined) return ''
  if (isSecret(schema, name) || value.includes('@')) return ' has a wrong value'
  return ` is ${JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value)}`
}

function urlPasswords(value: string): string[] {
  const password = URL.parse(value)?.password
  if (!password) return redisPasswords(value)
  return [password, decodeLeniently(password)]
}

function decodeLeniently(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
