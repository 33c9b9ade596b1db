import { z } from 'zod'

const StopReason = z.enum([
  'end_turn',
  'max_tokens',
  'stop_sequence',
  'tool_use',
  'pause_turn',
  'refusal',
  'model_context_window_exceeded',
])
export type StopReason = z.infer<typeof StopReason>

const Match = z.strictObject({
  /** A part of the intent as the commenter wrote it. */
  intent: z.string().optional(),
  /** From 1; 0 is the planner. */
  variant: z.number().int().min(0).optional(),
  /** The how manieth HTTP call of that variant of that run, from 1. */
  attempt: z.number().int().min(1).optional(),
})

/** One scripted answer. What it leaves open (no `text`) the rule-based author fills in. */
export const ScriptedReply = z.strictObject({
  match: Match.default({}),
  text: z.string().optional(),
  status: z.number().int().min(200).max(599).default(200),
  delayMs: z.number().min(0).default(0),
  /** The connection breaks after this many bytes of the response body. */
  cutAfter: z.number().int().min(0).nullable().default(null),
  /** Answers every matching call instead of the first one only. */
  repeat: z.boolean().default(false),
  headers: z.record(z.string(), z.string()).default({}),
  thinking: z.string().optional(),
  toolCalls: z.array(z.strictObject({ name: z.string(), input: z.record(z.string(), z.unknown()) })).optional(),
  stop: StopReason.optional(),
  errorCode: z.string().optional(),
  /** Nothing more comes after this many bytes of the response body, but the connection stays open. */
  stallAfter: z.number().int().min(0).optional(),
  /** The stream reports an overload after this many events. */
  errorEventAfter: z.number().int().min(0).optional(),
  /** The stream goes on until the client leaves. */
  endless: z.boolean().default(false),
})
export type ScriptedReply = z.output<typeof ScriptedReply>

export const LlmScript = z.strictObject({ replies: z.array(ScriptedReply) })
export type LlmScript = z.input<typeof LlmScript>

/**
 * Reads the JSON text of an `--llm-script` file.
 * Throws an Error whose message says where the script is wrong and what is expected there.
 */
export function parseLlmScript(text: string): LlmScript {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new Error(`The model script is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    })
  }
  return checkLlmScript(value)
}

/** As parseLlmScript, for a value that is already parsed. */
export function checkLlmScript(value: unknown): z.output<typeof LlmScript> {
  const parsed = LlmScript.safeParse(value)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map(issue => `${pathText(issue.path)}: ${issue.message}`)
  throw new Error(`The model script is wrong at ${problems.join('; ')}`, { cause: parsed.error })
}

function pathText(path: readonly PropertyKey[]): string {
  const text = path.map(key => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('')
  return text.replace(/^\./, '') || 'the top level'
}

export interface CallIdentity {
  intent: string
  /** Undefined when neither header nor prompt names one. */
  variant: number | undefined
  attempt: number
}

export interface Script {
  /** The first reply that matches and is not used up, now used. */
  next(call: CallIdentity): ScriptedReply | undefined
  add(reply: ScriptedReply): void
}

/** `plannerToo`: whether a reply that names no variant answers the planner's calls as well. */
export function createScript(replies: readonly ScriptedReply[], options: { plannerToo: boolean }): Script {
  const left = [...replies]
  function matches({ match }: ScriptedReply, call: CallIdentity): boolean {
    if (match.intent !== undefined && !call.intent.includes(match.intent)) return false
    if (match.attempt !== undefined && match.attempt !== call.attempt) return false
    if (match.variant !== undefined) return match.variant === call.variant
    return call.variant !== 0 || options.plannerToo
  }
  return {
    next(call) {
      const at = left.findIndex(reply => matches(reply, call))
      const reply = left[at]
      if (reply && !reply.repeat) left.splice(at, 1)
      return reply
    },
    add(reply) {
      left.push(reply)
    },
  }
}
