import { type AnswerLine, closesFence, fenceOf } from './answer-lines.ts'
import type { FileEdit, ParsedEdit } from './edit-form.ts'
import { pathInLine } from './path-line.ts'

type Block = { path: string | undefined; lines: AnswerLine[]; closed: boolean }

/** Reads files given whole, each in a fence with its path above it or in the fence's first line; undefined if there are none. */
export function parseWholeFiles(
  lines: readonly AnswerLine[],
  isKnownPath: (path: string) => boolean,
): ParsedEdit | undefined {
  const named = fencedBlocks(lines, isKnownPath).filter(block => block.path !== undefined)
  if (named.length === 0) return undefined
  const files = named.map(({ path = '', lines: body }): FileEdit => {
    const whole = body.map(({ text, cr }) => (cr ? `${text}\r\n` : `${text}\n`)).join('')
    return { oldPath: path, newPath: path, action: isKnownPath(path) ? 'edit' : 'add', hunks: [], whole }
  })
  for (const file of files) if (file.action === 'add') file.oldPath = undefined
  const parsed: ParsedEdit = { format: 'whole-file', files }
  if (named.every(block => block.closed)) return parsed
  return { ...parsed, fault: { code: 'truncated', detail: 'The answer breaks off inside a file.' } }
}

function fencedBlocks(lines: readonly AnswerLine[], isKnownPath: (path: string) => boolean): Block[] {
  const blocks: Block[] = []
  let above: string | undefined
  let fence: string | undefined
  for (const line of lines) {
    const open = blocks.at(-1)
    if (fence && open) {
      if (closesFence(line.text, fence)) {
        open.closed = true
        fence = undefined
        above = undefined
      } else open.lines.push(line)
      continue
    }
    const marks = fenceOf(line.text)
    if (marks) {
      fence = marks
      blocks.push({ path: pathInInfo(line.text, isKnownPath) ?? above, lines: [], closed: false })
    } else if (line.text.trim() !== '') above = pathInLine(line.text, isKnownPath)
  }
  return blocks
}

/** "```ts src/a.ts", "```ts:src/a.ts", "```ts path=src/a.ts title=…". */
function pathInInfo(text: string, isKnownPath: (path: string) => boolean): string | undefined {
  const info = text.replace(/^\s*[`~]+/, '').trim()
  const named = /(?:path|file|filename|title)=["']?([^\s"']+)/.exec(info)?.[1] ?? /^\w*:(\S+)$/.exec(info)?.[1]
  const last = info.split(/\s+/).at(-1) ?? ''
  return pathInLine(named ?? (/[./]/.test(last) ? last : ''), isKnownPath)
}
