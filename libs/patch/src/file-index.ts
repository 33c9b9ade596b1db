import { trimmedKey } from './line-key.ts'
import { splitText, type TextLines } from './text-lines.ts'

/** A file's lines and where each occurs, whatever its indentation and look. */
export type FileIndex = TextLines & {
  keys: string[]
  /** Line indices (from 0, ascending) by key. */
  positions: ReadonlyMap<string, readonly number[]>
}

export function indexFile(content: string): FileIndex {
  const text = splitText(content)
  const keys = text.texts.map(trimmedKey)
  const positions = new Map<string, number[]>()
  keys.forEach((key, i) => {
    const known = positions.get(key)
    if (known) known.push(i)
    else positions.set(key, [i])
  })
  return { ...text, keys, positions }
}
