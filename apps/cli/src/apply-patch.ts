import { applyEdit } from '@code-agent/patch/apply'
import { textTree } from '@code-agent/patch/source-tree'
import { z } from 'zod'

const request = z.object({ id: z.unknown(), files: z.record(z.string(), z.string()), diff: z.string() })

/**
 * Answers each JSON line `{ id, files: { path: text }, diff }` with `{ id, files: { path: text | null } }`, changed files only
 * and null for a deleted one, or with `{ id, error }`. A line that is no request is answered with an error as well.
 */
export async function applyPatchLines(input: AsyncIterable<string>, write: (line: string) => void): Promise<void> {
  for await (const line of input) if (line.trim() !== '') write(JSON.stringify(answer(line)))
}

function answer(line: string) {
  const read = request.safeParse(parsed(line))
  if (!read.success) return { id: null, error: 'The line is not a JSON object with id, files and diff.' }
  const { id, files, diff } = read.data
  const result = applyEdit({ files: textTree(new Map(Object.entries(files))), text: diff })
  if (!result.ok) return { id, error: result.report }
  return { id, files: Object.fromEntries(result.changes.map(({ path, after }) => [path, after ?? null])) }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
