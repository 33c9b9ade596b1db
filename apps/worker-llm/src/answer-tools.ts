import { setTimeout as delay } from 'node:timers/promises'
import type { ToolCall, Turn } from '@code-agent/llm/model'
import { folderBlock, grepBlock, parseReadCall } from '@code-agent/llm/read-tools'
import { fileBlock } from '@code-agent/llm/shared-context'
import type { Shown } from './what-is-shown.ts'

/** What one result and all results of a variant may hold in characters, how many calls of one turn are answered, how long one may take. */
const most = { characters: 30_000, calls: 8, hits: 100, milliseconds: 15_000 }
export const charactersOfAVariant = 200_000

/** How much a variant may still read; shared by its rounds. */
export type ReadingBudget = { characters: number }

type Result = { text: string; failed?: boolean }
const failed = (text: string): Result => ({ text, failed: true })

/** Answers one turn's calls, all bound to the pinned commit. A wrong call is answered with what was wrong, so that the model can ask again. */
export async function answerTools(
  shown: Shown,
  calls: ToolCall[],
  budget: ReadingBudget,
  options: { callMs?: number } = {},
): Promise<Turn> {
  const answers = await Promise.all(
    calls.map(async (call, place) =>
      place < most.calls
        ? await inTime(answerOne(shown, call), options.callMs ?? most.milliseconds)
        : failed(`Not run: at most ${most.calls} calls in one answer.`),
    ),
  )
  return {
    role: 'tools',
    results: calls.map(({ id }, place) => ({ id, ...withinBudget(answers[place] ?? failed('Not run.'), budget) })),
  }
}

/** For a model that has used up its rounds: it may still write its edit. */
export function refuseTools(calls: ToolCall[]): Turn {
  const text =
    'Not run: no rounds of reading are left. Write the edit now with what you have seen, or say why you cannot.'
  return { role: 'tools', results: calls.map(({ id }) => ({ id, ...failed(text) })) }
}

function withinBudget(result: Result, budget: ReadingBudget): Result {
  if (result.text.length > budget.characters)
    return failed(`Not shown: you have read as much as one variant may (${charactersOfAVariant} characters).`)
  budget.characters -= result.text.length
  return result
}

/** A search of a huge repository must not hold the variant up; what it finds later nobody reads. */
async function inTime(answer: Promise<Result>, milliseconds: number): Promise<Result> {
  const over = new AbortController()
  const late = delay(milliseconds, undefined, { signal: over.signal, ref: false }).then(
    () => failed(`This took longer than ${milliseconds / 1_000} s and was given up: ask for less.`),
    () => failed(''),
  )
  answer.catch(() => {})
  try {
    return await Promise.race([answer, late])
  } finally {
    over.abort()
  }
}

async function answerOne(shown: Shown, call: ToolCall): Promise<Result> {
  const asked = parseReadCall(call)
  switch (asked.kind) {
    case 'wrong':
      return failed(asked.explanation)
    case 'list':
      return { text: cut(folderBlock(asked.folder, await shown.list(asked.folder))) }
    case 'grep': {
      const paths = asked.folder === '' ? {} : { paths: [asked.folder] }
      const hits = await shown.grep(asked.text, { ...paths, maxHits: most.hits })
      return { text: cut(grepBlock(hits, hits.length === most.hits ? `Only the first ${most.hits} are shown.\n` : '')) }
    }
    case 'read':
      return readRange(shown, asked)
  }
}

async function readRange(
  shown: Shown,
  { path, startLine = 1, endLine }: { path: string; startLine?: number; endLine?: number },
): Promise<Result> {
  const file = await shown.read(path)
  if (file.kind === 'withheld') return failed(`${path} is not shown: ${file.because}.`)
  if (file.kind !== 'text') return failed(`${path} is ${file.kind}.`)
  const lines = file.content.split(/(?<=\n)/)
  let to = Math.min(endLine ?? lines.length, lines.length)
  const shownLines = () => lines.slice(startLine - 1, to)
  let length = shownLines().reduce((size, line) => size + line.length, 0)
  while (to > startLine && length > most.characters) length -= lines[--to]?.length ?? 0
  if (length > most.characters) return failed(`Line ${startLine} of ${path} alone is longer than may be shown.`)
  const isCut = to < Math.min(endLine ?? lines.length, lines.length)
  const range = startLine === 1 && to === lines.length ? {} : { range: { from: startLine, to } }
  const block = fileBlock({ path, content: file.content, reason: 'asked', ...range })
  return { text: isCut ? `${block}(cut after line ${to}: ask for the lines after it)\n` : block }
}

/** Cut after a whole line, with a word that it was. */
function cut(text: string): string {
  if (text.length <= most.characters) return text
  const end = text.lastIndexOf('\n', most.characters)
  return `${text.slice(0, end > 0 ? end + 1 : most.characters)}(cut here: ask for less)\n`
}
