import { withoutInvisible } from './invisible.ts'

/**
 * Separates what Azure DevOps would join into a mention or link. A named entity, because Azure DevOps also looks for `#8204`
 * in the raw text and a numeric one would itself be a work item.
 */
const separator = '&zwnj;'

/** Text of a stranger or a model on one line: shown as written, and nothing but shown (no link, image, mention, HTML, table break). */
export function plain(text: string): string {
  return withoutInvisible(text.replace(/\s+/g, ' '))
    .trim()
    .replace(/[&<>]/g, character => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[character] ?? character)
    .replace(/[\\`*_[\]{}|~$]/g, '\\$&')
    .replace(/[#!](?=\d)|@(?=\S)/g, `$&${separator}`)
    .replace(/:(?=\/\/)|www(?=\.)|mailto(?=:)/gi, `$&${separator}`)
    .replace(/^(?:[#+=:-]|\d+(?=[.)]))/, start => (/\d/.test(start) ? `${start}${separator}` : `\\${start}`))
}

/** The same over several lines, as a quotation. */
export function quotation(text: string): string {
  return text
    .split(/\r\n?|\n/)
    .map(line => `> ${plain(line)}`.trimEnd())
    .join('\n')
}

/** A path or a name as code where its characters are harmless there, else as plain text. */
export function code(text: string): string {
  return /^[A-Za-z0-9_./+-][A-Za-z0-9_./+ -]*$/.test(text) ? `\`${text}\`` : plain(text)
}

/** A link to an address of our own making; nothing but http and https becomes one. */
export function link(text: string, url: string): string {
  if (!/^https?:\/\//.test(url)) return plain(text)
  const address = url.replace(/[\s()<>\\"|]/g, character =>
    encodeURIComponent(character).replace('(', '%28').replace(')', '%29'),
  )
  return `[${plain(text)}](${address})`
}

/** A cell on its line; rows of unequal length would break the table. */
export function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${head.map((_, column) => cells[column] || '–').join(' | ')} |`
  return [line(head), `|${head.map(() => ' --- |').join('')}`, ...rows.map(line)].join('\n')
}

/**
 * Renders as much of a text as fits, ending in "…" if some was left out. The text is cut before it is rendered, at a code
 * point, so that neither an escape nor a character is torn apart.
 * @param max UTF-16 units of the rendered text, as Azure DevOps counts
 */
export function fitted(text: string, max: number, render: (text: string) => string): string {
  const whole = render(text)
  if (whole.length <= max) return whole
  const characters = [...text.slice(0, max)]
  for (let count = characters.length; count > 0; count = Math.floor(count * 0.9)) {
    const cut = render(`${characters.slice(0, count).join('')}…`)
    if (cut.length <= max) return cut
  }
  return ''
}
