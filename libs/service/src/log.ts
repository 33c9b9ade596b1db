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
  /** What every line says besides: of the run and the step that is at work here, and of its trace. */
  fields?: () => Readonly<Record<string, unknown>>
  /** Told of each finished line, without secrets. */
  onLine?: ((line: string) => void) | undefined
}): Log {
  const { fields, onLine } = options
  const redact = redactor(options.secrets ?? [])
  const settings = {
    level: options.level,
    base: { service: options.service },
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: describeError, error: describeError },
    ...(fields ? { mixin: () => ({ ...fields() }) } : {}),
    hooks: { streamWrite: onLine ? told(redact, onLine) : redact },
  }
  // Written at once: the lines before a crash are the ones that matter.
  return pino(settings, options.destination ?? pino.destination({ fd: 1, sync: true }))
}

function told(redact: (line: string) => string, onLine: (line: string) => void) {
  return (line: string) => {
    const finished = redact(line)
    onLine(finished)
    return finished
  }
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
