import { z } from 'zod'
import { boundaryFor, delimited, escapeAttribute } from './delimit.ts'
import type { ToolCall, ToolDefinition } from './model.ts'

const line = z.number().int().min(1)
const inputs = {
  list_files: z.object({
    folder: z.string().default('').describe('Path from the root of the repository; empty for the root'),
  }),
  read_file: z.object({
    path: z.string().min(1).describe('Path from the root of the repository'),
    start_line: line.optional().describe('First line wanted, from 1'),
    end_line: line.optional().describe('Last line wanted'),
  }),
  grep: z.object({
    text: z.string().min(1).describe('Literal text, case-sensitive; no pattern'),
    folder: z.string().default('').describe('Search only below this folder'),
  }),
}

const descriptions: Record<keyof typeof inputs, string> = {
  list_files: 'Lists what lies directly in a folder of the repository.',
  read_file: 'Shows a file, or a range of its lines. Several calls in one answer are cheaper than one after the other.',
  grep: 'Finds the lines of the repository that contain a text.',
}

/** A look into the repository that a model asks for. */
export type ReadCall =
  | { kind: 'list'; folder: string }
  | { kind: 'read'; path: string; startLine?: number; endLine?: number }
  | { kind: 'grep'; text: string; folder: string }
  /** No such tool or wrong input: the explanation is the call's result. */
  | { kind: 'wrong'; explanation: string }

/** The read-only tools, the same in every call of a run: they are part of the cached prefix. */
export const readTools: readonly ToolDefinition[] = (['list_files', 'read_file', 'grep'] as const).map(name => {
  const { $schema: _, ...schema } = z.toJSONSchema(inputs[name], { io: 'input' })
  return { name, description: descriptions[name], inputSchema: { ...schema, type: 'object' } }
})

/** Checks what a model wrote. Paths are not judged here: the repository does that. */
export function parseReadCall(call: ToolCall): ReadCall {
  if (call.name === 'list_files') return checked(inputs.list_files, call, ({ folder }) => ({ kind: 'list', folder }))
  if (call.name === 'grep') return checked(inputs.grep, call, ({ text, folder }) => ({ kind: 'grep', text, folder }))
  if (call.name === 'read_file') {
    return checked(inputs.read_file, call, ({ path, start_line, end_line }) => ({
      kind: 'read',
      path,
      ...(start_line === undefined ? {} : { startLine: start_line }),
      ...(end_line === undefined ? {} : { endLine: end_line }),
    }))
  }
  return { kind: 'wrong', explanation: `There is no tool ${call.name}.` }
}

function checked<T>(schema: z.ZodType<T>, call: ToolCall, use: (input: T) => ReadCall): ReadCall {
  const parsed = schema.safeParse(call.input)
  return parsed.success
    ? use(parsed.data)
    : { kind: 'wrong', explanation: `The input of ${call.name} is wrong: ${z.prettifyError(parsed.error)}` }
}

/** The result of grep: one line for each hit, `path:line: text`. For read_file there is fileBlock. */
export function grepBlock(hits: readonly { path: string; line: number; text: string }[], note = ''): string {
  const text = hits.map(hit => `${escapeAttribute(hit.path)}:${hit.line}: ${hit.text}\n`).join('')
  return `${delimited('hits', { count: String(hits.length) }, text, boundaryFor([text]))}${note}`
}

/** The result of list_files: one path a line, folders with a slash at the end. */
export function folderBlock(folder: string, entries: readonly { path: string; kind: string }[]): string {
  const text = entries.map(entry => `${escapeAttribute(entry.path)}${entry.kind === 'folder' ? '/' : ''}\n`).join('')
  return delimited('folder', { path: folder }, text, boundaryFor([text]))
}
