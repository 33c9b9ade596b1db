import { createHash } from 'node:crypto'

/**
 * A word that occurs in none of the texts and that none of their authors could know: it derives from all of them.
 * The same texts give the same word, so that a prompt's prefix stays cacheable.
 */
export function boundaryFor(texts: readonly string[]): string {
  for (let round = 0; ; round += 1) {
    const hash = createHash('sha256').update(String(round))
    for (const text of texts) hash.update('\0').update(text)
    const word = hash.digest('hex').slice(0, 12)
    if (!texts.some(text => text.includes(word))) return word
  }
}

/** A part of a prompt that others wrote, between tags it cannot close. */
export function delimited(
  tag: string,
  attributes: Record<string, string | undefined>,
  text: string,
  boundary: string,
): string {
  const given = Object.entries(attributes).flatMap(([name, value]) =>
    value === undefined ? [] : [` ${name}="${escapeAttribute(value)}"`],
  )
  const ended = text === '' || text.endsWith('\n') ? text : `${text}\n`
  return `<${tag}${given.join('')} boundary="${boundary}">\n${ended}</${tag} boundary="${boundary}">\n`
}

/** Only what would break the line or the quotes, so that names stay as they are typed in an edit. */
export function escapeAttribute(text: string): string {
  return text
    .replace(/&(?=(?:lt|gt|quot|amp|#10|#13);)/g, '&amp;')
    .replace(
      /["<>\n\r]/g,
      character => ({ '"': '&quot;', '<': '&lt;', '>': '&gt;', '\n': '&#10;' })[character] ?? '&#13;',
    )
}

/** Text within a plain tag. */
export function escapeText(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')
}
