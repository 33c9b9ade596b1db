import type { ServerResponse } from 'node:http'
import { ApiError, defaultMessage } from './api-error.ts'
import { speak } from './author/speak.ts'
import { type CallRecord, createCallLog } from './call-record.ts'
import { type Conversation, readTask, type Utterance } from './conversation.ts'
import { createPromptCache, type PromptCache } from './prompt-cache.ts'
import { checkLlmScript, createScript, type Script, ScriptedReply, type StopReason } from './script.ts'
import { countTokens, firstTokens } from './tokens.ts'
import { type Frame, sendFrames, waitForClient } from './wire.ts'

export interface StageOptions {
  script: unknown
  tokensPerSecond: number
  latencyMs: number
  clock: () => number
}

export interface Performance {
  record: CallRecord
  reply: ScriptedReply
  utterance: Utterance
  stop: StopReason
}

/** What both protocols share: whose turn it is, what is said, and the log of all calls. */
export interface Stage {
  cache: PromptCache
  clock: () => number
  calls: CallRecord[]
  setScript(script: unknown): void
  addFault(fault: unknown): void
  /** Decides what a call gets. Throws ApiError when script or fault say so, after their delay. */
  open(
    call: {
      protocol: CallRecord['protocol']
      path: string
      conversation: Conversation
      requestId: string | undefined
      body: unknown
    },
    response: ServerResponse,
  ): Promise<Performance>
  /** Sends the frames the way the performance wants it and closes its record. */
  send(performance: Performance, response: ServerResponse, frames: Iterable<Frame>, begun: () => void): Promise<void>
  close(): void
}

export function createStage(options: StageOptions): Stage {
  const closing = new AbortController()
  const log = createCallLog(options.clock)
  const faults = createScript([], { plannerToo: true })
  let script: Script = createScript(checkLlmScript(options.script).replies, { plannerToo: false })

  return {
    cache: createPromptCache(options.clock),
    clock: options.clock,
    calls: log.calls,
    setScript(next) {
      script = createScript(checkLlmScript(next).replies, { plannerToo: false })
    },
    addFault(fault) {
      faults.add(ScriptedReply.parse(fault))
    },
    async open({ conversation, requestId, ...call }, response) {
      const task = log.identify(readTask(conversation, requestId))
      const fault = faults.next(task)
      const scripted = fault ?? script.next(task)
      const reply = scripted ?? ScriptedReply.parse({})
      const source = fault ? 'fault' : scripted ? 'script' : 'author'
      const record = log.add({ ...call, model: conversation.model, source, status: reply.status }, task)
      if (!(await waitForClient(response, reply.delayMs + options.latencyMs, closing.signal)))
        record.outcome = 'client-gone'
      if (reply.status >= 300) throw scriptedError(reply, record)
      const said = shorten(say(conversation, task, reply), conversation.maxTokens, reply)
      record.stop = said.stop
      return { record, reply, ...said }
    },
    async send({ record, reply }, response, frames, begun) {
      const { cutAfter, stallAfter } = reply
      record.outcome = await sendFrames(response, frames, {
        cutAfter,
        stallAfter,
        tokensPerSecond: options.tokensPerSecond,
        begun,
        closing: closing.signal,
      })
    },
    close() {
      closing.abort()
    },
  }
}

function scriptedError(reply: ScriptedReply, record: CallRecord): ApiError {
  record.outcome ??= 'complete'
  return new ApiError(reply.status, reply.text ?? defaultMessage(reply.status), {
    errorCode: reply.errorCode,
    headers: reply.headers,
    cutAfter: reply.cutAfter,
  })
}

function say(
  conversation: Conversation,
  task: { variant: number | undefined; of: number | undefined; intent: string },
  reply: ScriptedReply,
): Utterance {
  const scripted = reply.text !== undefined || reply.toolCalls !== undefined || reply.stop === 'refusal'
  const authored = scripted ? undefined : speak(conversation, task)
  const thinking = reply.thinking ?? authored?.thinking
  return {
    text: reply.text ?? authored?.text ?? '',
    toolCalls: reply.toolCalls ?? authored?.toolCalls ?? [],
    ...(thinking === undefined ? {} : { thinking }),
  }
}

/** No model says more than `max_tokens`; thinking counts. */
function shorten(said: Utterance, maxTokens: number, reply: ScriptedReply): { utterance: Utterance; stop: StopReason } {
  if (maxTokens === 0) return { utterance: { text: '', toolCalls: [] }, stop: 'max_tokens' }
  const forced = reply.stop === 'max_tokens' && reply.text === undefined
  const limit = forced ? Math.min(maxTokens, Math.ceil(countTokens(said.text) / 2)) : maxTokens
  const thinking = firstTokens(said.thinking ?? '', limit)
  const room = limit - countTokens(thinking)
  const whole = countTokens(said.text) <= room && !reply.endless
  const stop = reply.stop ?? (whole ? (said.toolCalls.length > 0 ? 'tool_use' : 'end_turn') : 'max_tokens')
  const text = whole || reply.endless ? said.text || (reply.endless ? 'and so on ' : '') : firstTokens(said.text, room)
  return { utterance: { ...said, text, ...(said.thinking === undefined ? {} : { thinking }) }, stop }
}
