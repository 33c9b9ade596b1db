/** The sentence in which a model said what its change does; its first words outside any code. */
export function summaryOf(answer: string, changes: { path: string }[]): string {
  const prose = answer
    .replace(/```[\s\S]*?(```|$)/g, '\n')
    .split('\n')
    .map(line => line.trim())
    .find(line => /^[\p{L}\p{N}"'`“]/u.test(line) && !/^(diff --git|index [0-9a-f]{4}|Index:)/.test(line))
  const paths = changes.map(change => change.path)
  return prose
    ? firstSentence(prose)
    : `Changes ${paths.slice(0, 3).join(', ')}${paths.length > 3 ? ` and ${paths.length - 3} more` : ''}.`
}

function firstSentence(text: string): string {
  const end = text.search(/[.!?](\s|$)/)
  const sentence = end > 0 ? text.slice(0, end + 1) : text
  return sentence.length <= 200 ? sentence : `${[...sentence].slice(0, 199).join('')}…`
}

/** As much of a text as a reader needs to know what it is about. */
export function firstWords(text: string): string {
  const words = text.replace(/\s+/g, ' ').trim()
  return words.length <= 300 ? words : `${[...words].slice(0, 299).join('')}…`
}
