export type LineEnd = '' | '\n' | '\r\n'

/** A file's text as lines that can be put together again byte for byte. */
export type TextLines = { bom: boolean; texts: string[]; ends: LineEnd[] }

const BOM = '\uFEFF'

/** Splits on LF only; CR LF is kept as that line's end, a lone CR belongs to the text. */
export function splitText(content: string): TextLines {
  const bom = content.startsWith(BOM)
  const texts: string[] = []
  const ends: LineEnd[] = []
  let from = bom ? 1 : 0
  while (from < content.length) {
    const at = content.indexOf('\n', from)
    if (at < 0) {
      texts.push(content.slice(from))
      ends.push('')
      break
    }
    const cr = at > from && content.charCodeAt(at - 1) === 13
    texts.push(content.slice(from, cr ? at - 1 : at))
    ends.push(cr ? '\r\n' : '\n')
    from = at + 1
  }
  return { bom, texts, ends }
}

export function joinText({ bom, texts, ends }: TextLines): string {
  const parts: string[] = bom ? [BOM] : []
  for (let i = 0; i < texts.length; i++) parts.push(texts[i] ?? '', ends[i] ?? '')
  return parts.join('')
}

/** The line end most lines have; LF when there are none. */
export function dominantEnd(ends: readonly LineEnd[]): '\n' | '\r\n' {
  let crlf = 0
  let lf = 0
  for (const end of ends) {
    if (end === '\r\n') crlf++
    else if (end === '\n') lf++
  }
  return crlf > lf ? '\r\n' : '\n'
}

export function withoutBom(text: string): string {
  return text.startsWith(BOM) ? text.slice(1) : text
}
