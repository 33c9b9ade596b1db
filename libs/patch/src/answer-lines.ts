/** One line of a model's answer; `cr` when it ended in CR LF and the answer as a whole did not. */
export type AnswerLine = { text: string; cr: boolean }

const HEADER = /^(?:@@|--- |\+\+\+ |diff --git |\*\*\* |<<<<<<< )/

/** Splits an answer. CR LF throughout (headers too) is transport, not content, and dropped. */
export function answerLines(answer: string): AnswerLine[] {
  const raw = answer.replace(/^\uFEFF/, '').split('\n')
  if (raw.at(-1) === '') raw.pop()
  const headers = raw.filter(line => HEADER.test(line))
  const transport = headers.length > 0 && headers.every(line => line.endsWith('\r'))
  return raw.map(line => {
    if (!line.endsWith('\r')) return { text: line, cr: false }
    return { text: line.slice(0, -1), cr: !transport }
  })
}

/** The fence a line opens or closes: its indentation with its backticks or tildes. */
export function fenceOf(text: string): string | undefined {
  return /^ {0,3}(?:`{3,}|~{3,})/.exec(text)?.[0]
}

/** A fence closes at the indentation it opened at: a context line of a diff, one space in, closes none. */
export function closesFence(text: string, fence: string): boolean {
  const marks = text.trimEnd()
  return marks.startsWith(fence) && /^ *(?:`+|~+)$/.test(marks)
}
