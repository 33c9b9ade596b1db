import { withoutBom } from './text-lines.ts'

const ASCII = /^[\t\x20-\x7e]*$/

const LOOKALIKES: readonly [RegExp, string][] = [
  [/[\u2018\u2019\u201a\u201b\u2032\u02bc]/g, "'"],
  [/[\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb]/g, '"'],
  [/[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]/g, '-'],
  [/\u2026/g, '...'],
  [/[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]/g, ' '],
  [/[\u200b-\u200d\u2060\ufeff\u00ad]/g, ''],
]

/** Lines a model writes alike: canonical Unicode, ASCII quotes, dashes, spaces and dots, no trailing space. */
export function unicodeKey(text: string): string {
  if (ASCII.test(text)) return text.trimEnd()
  let key = text.normalize('NFC')
  for (const [pattern, plain] of LOOKALIKES) key = key.replace(pattern, plain)
  return key.trimEnd()
}

/** As unicodeKey, and whatever the indentation. The key by which places are looked up. */
export function trimmedKey(text: string): string {
  return ASCII.test(text) ? text.trim() : unicodeKey(withoutBom(text)).trim()
}

/** As trimmedKey, and whatever the inner spacing, quote character and closing punctuation. Never for removed lines. */
export function looseKey(text: string): string {
  return trimmedKey(text)
    .replace(/\s+/g, '')
    .replace(/["`]/g, "'")
    .replace(/[;,]+$/, '')
}

export function indentOf(text: string): string {
  return /^[ \t]*/.exec(text)?.[0] ?? ''
}

/** Blank lines and lone brackets occur everywhere: they prove little about a place. */
export function weightOf(key: string): number {
  if (key === '') return 0.1
  if (!/[\p{L}\p{N}]/u.test(key)) return 0.25
  return key.length < 6 ? 0.6 : 1
}
