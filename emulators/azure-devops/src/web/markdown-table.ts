export type Alignment = 'left' | 'center' | 'right' | undefined
export type MarkdownTable = { header: string[]; alignments: Alignment[]; rows: string[][]; lines: number }

const delimiter = /^ {0,3}\|?(?:[ \t]*:?-+:?[ \t]*\|)*[ \t]*:?-+:?[ \t]*\|?[ \t]*$/

/** A header, a line of dashes with as many cells, then rows up to a line without a bar. */
export function markdownTable(lines: string[], at: number): MarkdownTable | undefined {
  const head = lines[at] ?? ''
  const dashes = lines[at + 1] ?? ''
  if (!head.includes('|') || !dashes.includes('|') || dashes.length > 2_000 || !delimiter.test(dashes)) return undefined
  const header = cells(head)
  const alignments = cells(dashes).map(alignment)
  if (header.length !== alignments.length) return undefined
  const rows: string[][] = []
  for (let row = at + 2; row < lines.length && (lines[row] ?? '').includes('|'); row++)
    rows.push(cells(lines[row] ?? ''))
  return { header, alignments, rows, lines: rows.length + 2 }
}

/** A bar behind a backslash, or inside code, belongs to its cell. */
function cells(line: string): string[] {
  const found = ['']
  let code = false
  const text = line
    .trim()
    .replace(/^\|/, '')
    .replace(/(?<!\\)\|$/, '')
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at)
    if (character === '\\' && text[at + 1] === '|') {
      found.push(`${found.pop() ?? ''}|`)
      at++
    } else if (character === '|' && !code) found.push('')
    else {
      if (character === '`') code = !code && text.includes('`', at + 1)
      found.push((found.pop() ?? '') + character)
    }
  }
  return found.map(cell => cell.trim())
}

function alignment(dashes: string): Alignment {
  const left = dashes.startsWith(':')
  const right = dashes.endsWith(':')
  return left && right ? 'center' : right ? 'right' : left ? 'left' : undefined
}
