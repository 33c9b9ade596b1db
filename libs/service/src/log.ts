import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino'
import { redactor } from './redact.ts'

export type Log = Logger

/**
 * JSON lines on stdout. `secrets` are replaced in the finished line, wherever they came from: a message, a field, a stack.
 */
export function createLog(options: {
  service: string
  level: string
  secrets?: Iterable<string>
  destination?: DestinationStream
}): Log {
  const settings = {
    level: options.level,
    base: { service: options.service },
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: describeError, error: describeError },
    hooks: { streamWrite: redactor(options.secrets ?? []) },
  }
  // Written at once: the lines before a crash are the ones that matter.
  return pino(settings, options.destination ?? pino.destination({ fd: 1, sync: true }))
}

// Only these: clients hang whole requests, with headers, on their errors.
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  return {
    type: error.name,
    message: error.message,
    ...('code' in error && typeof error.code === 'string' ? { code: error.code } : {}),
    stack: error.stack,
    ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
  }
}
