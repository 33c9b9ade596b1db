import { unescapeText } from '../conversation.ts'
import type { Intent } from './intent.ts'
import { findFile, isComplete, plainPath, type SeenFile, samePath, type View } from './seen-files.ts'

export interface ToolCall {
  name: string
  input: Record<string, unknown>
}

/** Tools are asked for this many files at most in one go. */
const mostReads = 8

/** What the author still wants to see before it answers, never the same thing twice. */
export function lookups(intent: Intent, view: View, tools: readonly string[]): ToolCall[] {
  const wanted = wantedCalls(intent, view).filter(call => tools.includes(call.name))
  const asked = new Set(view.toolResults.map(result => JSON.stringify([result.name, result.input])))
  return wanted.filter(call => !asked.has(JSON.stringify([call.name, call.input]))).slice(0, mostReads)
}

function wantedCalls(intent: Intent, view: View): ToolCall[] {
  if (intent.kind === 'beyond-me') return []
  if (intent.kind === 'colour-buttons') return buttonCalls(view)
  if (intent.path !== undefined) return missingParts(intent.path, findFile(view, intent.path))
  const search: ToolCall = { name: 'grep', input: { text: intent.from } }
  const found = foundPaths(view).filter(path => !view.files.some(file => samePath(file.path, path) && isComplete(file)))
  return [search, ...found.flatMap(path => missingParts(path, findFile(view, path)))]
}

function buttonCalls(view: View): ToolCall[] {
  const inSight = view.files.some(file => /\.(?:css|scss|less|html?|jsx|tsx|vue)$/i.test(file.path))
  if (inSight) return []
  const likely = view.paths
    .filter(path => /\.(?:css|scss|less|html?|jsx|tsx|vue)$/i.test(path))
    .toSorted((a, b) => rank(a) - rank(b))
  return likely.slice(0, 4).map(path => ({ name: 'read_file', input: { path } }))
}

function rank(path: string): number {
  return /button/i.test(path) ? 0 : /\.(?:css|scss|less)$/i.test(path) ? 1 : 2
}

function missingParts(path: string, file: SeenFile | undefined): ToolCall[] {
  if (!file) return [{ name: 'read_file', input: { path: plainPath(path) } }]
  const calls: ToolCall[] = []
  let from = file.lines.indexOf(undefined)
  while (from >= 0) {
    const length = file.lines.slice(from).findIndex(line => line !== undefined)
    const to = length < 0 ? file.lines.length : from + length
    calls.push({ name: 'read_file', input: { path: file.path, start_line: from + 1, end_line: to } })
    from = file.lines.indexOf(undefined, to)
  }
  return calls
}

/** Paths that grep named, as `path:line: text`. */
function foundPaths(view: View): string[] {
  const hits = view.toolResults
    .filter(result => result.name === 'grep')
    .flatMap(result => [...result.text.matchAll(/^(.+?):\d+: /gm)])
  return [...new Set(hits.map(hit => unescapeText(hit[1] ?? '')))]
}
