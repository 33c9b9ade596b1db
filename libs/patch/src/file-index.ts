import { trimmedKey } from './line-key.ts'
import { lineEnd, scanLines } from './line-scan.ts'
import type { LineEnd } from './text-lines.ts'

/**
 * A file's lines and where they occur. One line is read where it stands; what needs all of them (`texts`, `keys`,
 * `positions`) is made when first asked for, as an edit that fits exactly never asks.
 */
export type FileIndex = {
  content: string
  bom: boolean
  /** How many lines there are. */
  count: number
  /** Offset of a line, counted from 0; the content's length for the one after the last. */
  startOf(line: number): number
  textOf(line: number): string | undefined
  endOf(line: number): LineEnd | undefined
  keyOf(line: number): string | undefined
  isLine(line: number, text: string): boolean
  /** The lines equal to `text`, if it is one of those that the index was made for. */
  linesEqualTo(text: string): readonly number[] | undefined
  readonly texts: readonly string[]
  /** Each line's look-up key: whatever its indentation and look. */
  readonly keys: readonly string[]
  /** Line indices (from 0, ascending) by key. */
  readonly positions: ReadonlyMap<string, readonly number[]>
  /** The line end most lines have; LF when there are none. */
  readonly usualEnd: '\n' | '\r\n'
}

/** `wanted`: texts of lines that will be looked for as they are. */
export function indexFile(content: string, wanted: Iterable<string> = []): FileIndex {
  const bom = content.startsWith('\uFEFF')
  const { starts, found } = scanLines(content, bom ? 1 : 0, wanted)
  const count = starts.length - 1
  const startOf = (line: number) => starts[line] ?? content.length
  const isIn = (line: number) => line >= 0 && line < count
  const textEnd = (line: number) => lineEnd(content, startOf(line), startOf(line + 1))
  const textOf = (line: number) => (isIn(line) ? content.slice(startOf(line), textEnd(line)) : undefined)
  const texts = once(() => Array.from({ length: count }, (_, line) => textOf(line) ?? ''))
  const keys = once(() => keysOf(content, texts()))
  const positions = once(() => positionsOf(keys()))
  const usualEnd = once(() => usualEndOf(content, starts))
  return {
    content,
    bom,
    count,
    startOf,
    textOf,
    endOf: line => (isIn(line) ? asLineEnd(startOf(line + 1) - textEnd(line)) : undefined),
    keyOf(line) {
      const text = textOf(line)
      return text === undefined ? undefined : trimmedKey(text)
    },
    isLine: (line, text) =>
      isIn(line) && textEnd(line) - startOf(line) === text.length && content.startsWith(text, startOf(line)),
    linesEqualTo: text => found.get(text),
    get texts() {
      return texts()
    },
    get keys() {
      return keys()
    },
    get positions() {
      return positions()
    },
    get usualEnd() {
      return usualEnd()
    },
  }
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}

function asLineEnd(length: number): LineEnd {
  if (length === 0) return ''
  return length === 1 ? '\n' : '\r\n'
}

function keysOf(content: string, texts: readonly string[]): string[] {
  // Only beyond ASCII is there more to a key than the space around it.
  return /[^\x00-\x7f]/.test(content) ? texts.map(trimmedKey) : texts.map(text => text.trim())
}

function positionsOf(keys: readonly string[]): Map<string, number[]> {
  const positions = new Map<string, number[]>()
  keys.forEach((key, line) => {
    const known = positions.get(key)
    if (known) known.push(line)
    else positions.set(key, [line])
  })
  return positions
}

function usualEndOf(content: string, starts: readonly number[]): '\n' | '\r\n' {
  let crlf = 0
  let lf = 0
  for (let line = 0; line + 1 < starts.length; line++) {
    const start = starts[line] ?? 0
    const next = starts[line + 1] ?? 0
    const length = next - lineEnd(content, start, next)
    if (length === 2) crlf++
    else if (length === 1) lf++
  }
  return crlf > lf ? '\r\n' : '\n'
}
