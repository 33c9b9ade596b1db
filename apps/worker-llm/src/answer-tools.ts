import type { ToolCall, Turn } from '@code-agent/llm/model'
import { folderBlock, grepBlock, parseReadCall } from '@code-agent/llm/read-tools'
import { fileBlock } from '@code-agent/llm/shared-context'
import type { Snapshot } from '@code-agent/repository/snapshot'

/** What one result may hold, in characters, and how many calls of one turn are answered. */
const most = { characters: 30_000, calls: 8, hits: 100 }

/** Answers one turn's calls, all bound to the pinned commit. A wrong call is answered with what was wrong, so that the model can ask again. */
export async function answerTools(snapshot: Snapshot, calls: ToolCall[]): Promise<Turn> {
  const results = await Promise.all(
    calls.map(async (call, place) => {
      if (place >= most.calls)
        return { id: call.id, text: `Not run: at most ${most.calls} calls in one answer.`, failed: true }
      return { id: call.id, ...(await answerOne(snapshot, call)) }
    }),
  )
  return { role: 'tools', results }
}

async function answerOne(snapshot: Snapshot, call: ToolCall): Promise<{ text: string; failed?: boolean }> {
  const asked = parseReadCall(call)
  switch (asked.kind) {
    case 'wrong':
      return { text: asked.explanation, failed: true }
    case 'list':
      return { text: cut(folderBlock(asked.folder, await snapshot.list(asked.folder))) }
    case 'grep': {
      const paths = asked.folder === '' ? {} : { paths: [asked.folder] }
      const hits = await snapshot.grep(asked.text, { ...paths, maxHits: most.hits })
      return { text: cut(grepBlock(hits, hits.length === most.hits ? `Only the first ${most.hits} are shown.\n` : '')) }
    }
    case 'read':
      return readRange(snapshot, asked)
  }
}

async function readRange(
  snapshot: Snapshot,
  { path, startLine = 1, endLine }: { path: string; startLine?: number; endLine?: number },
) {
  const file = await snapshot.read(path)
  if (file.kind !== 'text') return { text: `${path} is ${file.kind}.`, failed: true }
  const lines = file.content.split(/(?<=\n)/)
  const wanted = lines.slice(startLine - 1, endLine)
  // The block says which lines of how many it shows, so that what was cut can be asked for.
  const to =
    startLine -
    1 +
    cut(wanted.join(''))
      .split(/(?<=\n)/)
      .filter((line, n) => line === wanted[n]).length
  return { text: fileBlock({ path, content: file.content, reason: 'asked', range: { from: startLine, to } }) }
}

/** Cut after a whole line, with a word that it was. */
function cut(text: string): string {
  if (text.length <= most.characters) return text
  const end = text.lastIndexOf('\n', most.characters)
  return `${text.slice(0, end > 0 ? end + 1 : most.characters)}(cut here: ask for less)\n`
}
