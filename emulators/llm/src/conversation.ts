/** A request of either protocol in one form: what the author and the script need to know of it. */
export type Part =
  | { kind: 'text'; text: string }
  | { kind: 'tool-call'; id: string; name: string; input: unknown }
  | { kind: 'tool-result'; callId: string; text: string }

export interface Message {
  role: 'user' | 'assistant'
  parts: Part[]
}

export interface Conversation {
  model: string
  system: string
  messages: Message[]
  /** Names of the tools on offer. */
  tools: string[]
  maxTokens: number
}

/** What the model says, before a protocol gives it a shape. */
export interface Utterance {
  thinking?: string
  text: string
  toolCalls: { name: string; input: Record<string, unknown> }[]
}

export interface Task {
  runId: string
  variant: number | undefined
  of: number | undefined
  intent: string
}

/**
 * Who asks for what: from the header `x-client-request-id: <runId>/<variant>/<call>`, else from the prompt's
 * `<task variant="2" of="3">`; the intent is the last `<intent>…</intent>` of the user's texts.
 */
export function readTask(conversation: Conversation, requestId: string | undefined): Task {
  const label = /^([^/]+)\/(\d+)\/\d+$/.exec(requestId ?? '')
  const texts = userTexts(conversation)
  const tag = lastMatch(texts, /^<task variant="(\d+)" of="(\d+)">/gm)
  const intent = lastMatch(texts, /^<intent>([\s\S]*?)<\/intent>/gm)
  return {
    runId: label?.[1] ?? '',
    variant: toNumber(label?.[2] ?? tag?.[1]),
    of: toNumber(tag?.[2]),
    intent: unescapeText(intent?.[1] ?? '').trim(),
  }
}

function userTexts(conversation: Conversation): string[] {
  return conversation.messages
    .filter(message => message.role === 'user')
    .flatMap(message => message.parts.flatMap(part => (part.kind === 'text' ? [part.text] : [])))
}

function lastMatch(texts: string[], pattern: RegExp): RegExpExecArray | undefined {
  for (const text of texts.toReversed()) {
    const match = [...text.matchAll(pattern)].at(-1)
    if (match) return match
  }
  return undefined
}

function toNumber(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text)
}

const entities: Record<string, string> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#10;': '\n',
  '&#13;': '\r',
  '&amp;': '&',
}

export function unescapeText(text: string): string {
  return text.replace(/&(?:lt|gt|quot|amp|#10|#13);/g, entity => entities[entity] ?? entity)
}
