export type LineEnd = '' | '\n' | '\r\n'

/** The byte order mark that some files begin with. */
export const BOM = '\uFEFF'

export function withoutBom(text: string): string {
  return text.startsWith(BOM) ? text.slice(1) : text
}
