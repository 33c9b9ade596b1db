import type OpenAI from 'openai'

interface CollectedCall {
  id: string
  type: 'function'
  function: { name: string; arguments: string }
}

/** A stream of chat completion chunks put together. A type, not an interface: it is stored as JSON. */
export type ChatCollector = {
  text: string
  refusal: string
  toolCalls: { id: string; type: 'function'; function: { name: string; arguments: string } }[]
  finishReason: string
  model: string
  usage: OpenAI.CompletionUsage | undefined
}

/** Reads a stream to its end. Throws when it ends without a finish reason: the SDK takes a cut for an end. */
export async function collectChat(
  chunks: AsyncIterable<OpenAI.ChatCompletionChunk>,
  onProgress: ((outputCharacters: number) => void) | undefined,
): Promise<ChatCollector> {
  const collected: ChatCollector = {
    text: '',
    refusal: '',
    toolCalls: [],
    finishReason: '',
    model: '',
    usage: undefined,
  }
  const calls = new Map<number, CollectedCall>()
  let characters = 0
  for await (const chunk of chunks) {
    collected.model = chunk.model || collected.model
    collected.usage = chunk.usage ?? collected.usage
    const choice = chunk.choices?.[0]
    if (!choice) continue
    collected.finishReason = choice.finish_reason ?? collected.finishReason
    const { delta } = choice
    collected.text += delta?.content ?? ''
    collected.refusal += delta?.refusal ?? ''
    for (const call of delta?.tool_calls ?? []) addCall(calls, call)
    characters += JSON.stringify(delta ?? {}).length
    onProgress?.(characters)
  }
  if (collected.finishReason === '') throw new Error('the answer ended without saying why')
  return { ...collected, toolCalls: [...calls.values()] }
}

function addCall(calls: Map<number, CollectedCall>, part: OpenAI.ChatCompletionChunk.Choice.Delta.ToolCall): void {
  // Some servers send a call whole and leave its index out.
  const index = part.index ?? calls.size
  const call = calls.get(index) ?? { id: '', type: 'function', function: { name: '', arguments: '' } }
  call.id ||= part.id ?? `call_${index}`
  call.function.name += part.function?.name ?? ''
  call.function.arguments += part.function?.arguments ?? ''
  calls.set(index, call)
}
