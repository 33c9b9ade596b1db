import { type Conversation, unescapeText } from '../conversation.ts'

/** A file as far as the prompt or a tool has shown it. Lines are without their ends. */
export interface SeenFile {
  path: string
  /** By index from 0; undefined where nothing was shown. */
  lines: (string | undefined)[]
  finalNewline: boolean
}

export interface View {
  files: SeenFile[]
  /** Every path that was named, shown or not. */
  paths: string[]
  /** The tree in the prompt is the whole tree. */
  treeComplete: boolean
  /** What tools have answered so far, by the call that asked. */
  toolResults: { name: string; input: unknown; text: string }[]
}

/** All that the conversation reveals about the repository: file blocks, the tree, results of tools. */
export function readView(conversation: Conversation): View {
  const toolResults = readToolResults(conversation)
  const texts = [
    ...conversation.messages.flatMap(message =>
      message.parts.flatMap(part => (part.kind === 'text' && message.role === 'user' ? [part.text] : [])),
    ),
    ...toolResults.map(result => result.text),
  ]
  const files = new Map<string, SeenFile>()
  for (const text of texts) for (const block of fileBlocks(text)) merge(files, block)
  const trees = texts.flatMap(treeBlocks)
  const paths = new Set([...files.keys(), ...trees.flatMap(tree => tree.paths)])
  return {
    files: [...files.values()],
    paths: [...paths],
    treeComplete: trees.length > 0 && trees.every(tree => tree.complete),
    toolResults,
  }
}

export function isComplete(file: SeenFile): boolean {
  return !file.lines.includes(undefined)
}

export function findFile(view: View, path: string): SeenFile | undefined {
  return view.files.find(file => samePath(file.path, path))
}

/** Users may type a path in another Unicode form, or from the root. */
export function samePath(one: string, other: string): boolean {
  return plainPath(one) === plainPath(other)
}

export function plainPath(path: string): string {
  return path.normalize('NFC').replace(/^(?:\.?\/)+/, '')
}

interface FileBlock {
  path: string
  from: number
  total: number
  content: string[]
  finalNewline: boolean
}

function* fileBlocks(text: string): Generator<FileBlock> {
  const pattern =
    /^<file path="([^"\n]*)" lines="(\d+)-(\d+)" of="(\d+)"([^>\n]*) boundary="([0-9a-z]+)">\n([\s\S]*?)^<\/file boundary="\6">/gm
  for (const [, path = '', from, to, total, attributes = '', , body = ''] of text.matchAll(pattern)) {
    const count = Math.max(0, Number(to) - Number(from) + 1)
    const content = body.split('\n').slice(0, count)
    yield {
      path: unescapeText(path),
      from: Number(from),
      total: Number(total),
      content,
      finalNewline: !attributes.includes('final-newline="no"'),
    }
  }
}

function merge(files: Map<string, SeenFile>, block: FileBlock): void {
  const known = files.get(block.path)
  const file =
    known?.lines.length === block.total
      ? known
      : { path: block.path, lines: emptyLines(block.total), finalNewline: block.finalNewline }
  for (const [index, line] of block.content.entries()) file.lines[block.from - 1 + index] = line
  files.set(block.path, file)
}

function emptyLines(count: number): (string | undefined)[] {
  return Array.from({ length: count }, () => undefined)
}

function treeBlocks(text: string): { paths: string[]; complete: boolean }[] {
  const pattern = /^<tree([^>\n]*) boundary="([0-9a-z]+)">\n([\s\S]*?)^<\/tree boundary="\2">/gm
  return [...text.matchAll(pattern)].map(([, attributes = '', , body = '']) => ({
    paths: body
      .split('\n')
      .filter(line => line !== '')
      .map(unescapeText),
    complete: !attributes.includes('truncated="yes"'),
  }))
}

function readToolResults(conversation: Conversation): View['toolResults'] {
  const parts = conversation.messages.flatMap(message => message.parts)
  return parts.flatMap(part => {
    if (part.kind !== 'tool-result') return []
    const call = parts.find(other => other.kind === 'tool-call' && other.id === part.callId)
    return call?.kind === 'tool-call' ? [{ name: call.name, input: call.input, text: part.text }] : []
  })
}
