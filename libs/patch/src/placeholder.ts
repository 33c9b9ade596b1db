const MARK = /^(?:\/\/|#|\/\*|<!--|--|;|\*|\{\/\*)?\s*(?:\.\.\.|…)\s*(?:\*\/\}?|-->)?$/
const WORDED =
  /^(?:\/\/|#|\/\*+|<!--|--|;|\*|\{\/\*|\(|\[)?\s*(?:\.\.\.|…)?\s*\(?(?:the )?(?:rest of|remaining|existing|other|previous|unchanged|same|more|keep|omitted|snip|code (?:unchanged|omitted|remains|continues))\b.*(?:\.\.\.|…|unchanged|omitted|code|same|here|file|method|function|class|lines?)\W*$/i

/** A context line that stands for lines left out: "...", "// ...", "# ... existing code ...". Takes a trimmed line. */
export function isPlaceholder(line: string): boolean {
  return MARK.test(line) || isWordedPlaceholder(line)
}

/** A line that promises code instead of being code: "// ... rest of the file unchanged ...". Takes a trimmed line. */
export function isWordedPlaceholder(line: string): boolean {
  if (!/(?:\.\.\.|…)/.test(line) && !/^(?:\/\/|#|\/\*|<!--|--|\{\/\*)/.test(line)) return false
  return (
    line.length < 120 &&
    WORDED.test(line) &&
    (/(?:\.\.\.|…)/.test(line) || /unchanged|omitted|remains the same/i.test(line))
  )
}
