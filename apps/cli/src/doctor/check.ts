/** One thing that was looked at; a remedy says what to do about it, in the words of the configuration. */
export type Check = { name: string; state: 'ok' | 'warn' | 'fail'; message: string; remedy: string | null }

export function ok(name: string, message: string): Check {
  return { name, state: 'ok', message, remedy: null }
}

export function warn(name: string, message: string, remedy: string): Check {
  return { name, state: 'warn', message, remedy }
}

export function fail(name: string, message: string, remedy: string): Check {
  return { name, state: 'fail', message, remedy }
}

/** A required variable that nobody set: what hangs on it could not be looked at. */
export function unset(name: string, variable: string, meaning: string): Check {
  return fail(name, `not checked: ${variable} is not set`, `Set ${variable}: ${meaning}.`)
}

/** The innermost reason, which names what really happened; of several addresses tried at once the first. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0])
  if (!(error instanceof Error)) return String(error)
  if (error.cause === undefined) return error.message
  return `${error.message.replace(/\.$/, '')}: ${reasonOf(error.cause)}`
}
