/** The path a line announces, as models write it above a block: bare, bold, in backticks, as a heading or "File: x". */
export function pathInLine(text: string, isKnownPath: (path: string) => boolean): string | undefined {
  const plain = text
    .trim()
    .replace(/^#{1,6}\s+/, '')
    .replace(/^(?:\d+[.)]|[-*])\s+/, '')
    .replace(/^\*\*(.*?)\*\*:?$/, '$1')
    .replace(/^(?:file(?:name|path)?|path|new file|create|update|modified?)\s*:?\s+(?=\S+$)/i, '')
    .replace(/^`(.*?)`:?$/, '$1')
    .replace(/^\*\*(.*?)\*\*:?$/, '$1')
    .replace(/:$/, '')
    .trim()
  if (plain === '') return undefined
  if (isKnownPath(plain)) return plain
  return /^[\w.@()[\]+~-]+(?:[/\\][\w.@()[\]+~-]+)*$/.test(plain) &&
    /[^.]\.[A-Za-z][\w]{0,9}$|^\.[\w.-]+$|\//.test(plain)
    ? plain
    : undefined
}
