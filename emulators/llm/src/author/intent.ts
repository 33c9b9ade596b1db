import { plainPath, samePath, type View } from './seen-files.ts'

/** The few things this author can do. */
export type Intent =
  | { kind: 'rename'; from: string; to: string; path: string | undefined }
  | { kind: 'replace'; from: string; to: string; path: string | undefined }
  | { kind: 'colour-buttons'; colour: string }
  | { kind: 'beyond-me' }

const colours = [
  'red',
  'green',
  'blue',
  'black',
  'white',
  'orange',
  'purple',
  'pink',
  'teal',
  'yellow',
  'grey',
  'gray',
  'navy',
  'crimson',
]

export function readIntent(text: string, view: View): Intent {
  const line = text.split('\n')[0]?.trim() ?? ''
  const replace = /^(?:please\s+)?replace\s+(?:all\s+occurrences\s+of\s+|every\s+)?(.+)$/i.exec(line)
  if (replace?.[1]) return readSplit('replace', replace[1], /\s+(?:with|by)\s+/gi, view)
  const rename = /^(?:please\s+)?rename\s+(.+)$/i.exec(line)
  if (rename?.[1]) return readSplit('rename', rename[1], /\s+(?:to|into|as)\s+/gi, view)
  const colour = new RegExp(`\\bbuttons?\\b.*\\b(${colours.join('|')})\\b`, 'i').exec(line)?.[1]
  if (colour && /^(?:please\s+)?(?:make|turn|paint|colou?r|set|change)\b/i.test(line))
    return { kind: 'colour-buttons', colour: colour.toLowerCase() }
  return { kind: 'beyond-me' }
}

interface Reading {
  from: string
  to: string
  path: string | undefined
}

/** "A with B in PATH" can be cut in several places; the cut whose path and text exist is meant. */
function readSplit(kind: 'replace' | 'rename', text: string, middle: RegExp, view: View): Intent {
  const readings = cuts(text, middle).flatMap(([left, right]) => [
    ...cuts(right, /\s+in\s+/gi).map(([to, path]): Reading => ({ from: left, to, path: unquote(path) })),
    { from: left, to: right, path: undefined },
  ])
  const best = readings
    .map(reading => ({ reading, score: score(reading, view) }))
    .toSorted((a, b) => b.score - a.score)[0]
  if (!best) return { kind: 'beyond-me' }
  const { from, to, path } = best.reading
  return {
    kind,
    from: kind === 'rename' ? withoutNoun(unquoteIfAbsent(from, path, view)) : unquoteIfAbsent(from, path, view),
    to: unquote(to),
    path: knownPath(path, view),
  }
}

function cuts(text: string, middle: RegExp): [string, string][] {
  return [...text.matchAll(middle)].map(match => [
    text.slice(0, match.index).trim(),
    text.slice(match.index + match[0].length).trim(),
  ])
}

function score({ from, path }: Reading, view: View): number {
  const shown = view.files.filter(file => path === undefined || samePath(file.path, path))
  const found = shown.some(file => file.lines.some(line => line?.includes(unquote(from)))) ? 4 : 0
  if (path === undefined) return found
  if (view.paths.some(known => samePath(known, path) || samePath(`${known}.`, path))) return 8 + found
  // Unknown, but it looks like one: its file must still be read.
  return /[./]\S/.test(path) && !/\s(?:with|by|in)\s/.test(path) ? 6 : 1
}

function knownPath(path: string | undefined, view: View): string | undefined {
  if (path === undefined) return undefined
  const said = [path, path.replace(/[.,;!?]+$/, '')]
  return view.paths.find(known => said.some(text => samePath(known, text))) ?? plainPath(path)
}

const quotes = /^(?:"(.+)"|'(.+)'|`(.+)`|“(.+)”|‘(.+)’|«(.+)»)$/

function unquote(text: string): string {
  const match = quotes.exec(text.trim())
  return match?.slice(1).find(part => part !== undefined) ?? text.trim()
}

/** Quotes belong to the text only when the file has them and lacks the bare text. */
function unquoteIfAbsent(text: string, path: string | undefined, view: View): string {
  const bare = unquote(text)
  const has = (needle: string) =>
    view.files.some(
      file => (path === undefined || samePath(file.path, path)) && file.lines.some(line => line?.includes(needle)),
    )
  return !has(bare) && has(text) ? text : bare
}

function withoutNoun(text: string): string {
  return text.replace(
    /^(?:the\s+)?(?:function|method|variable|class|const|constant|type|interface|field|property|symbol|identifier|component|module)\s+(?=\S+$)/i,
    '',
  )
}
