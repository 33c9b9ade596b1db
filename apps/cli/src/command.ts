/** One word of the command line. `run` returns the exit code; what it throws is said, and is exit code 1. */
export type Command = { help: string; run(args: string[]): Promise<number> }

/** The command line was wrong: its help is shown. */
export class WrongUsage extends Error {
  override name = 'WrongUsage'
}

/** One line of JSON on stdout where a program asked, words on stderr for people. */
export function answer(of: { json: boolean; data: object; text: string }): void {
  if (of.json) process.stdout.write(`${JSON.stringify(of.data)}\n`)
  else process.stderr.write(`${of.text}\n`)
}

/** Columns as wide as their widest cell, the last one as it is. */
export function table(rows: string[][]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map(row => (row[column] ?? '').length)))
  const line = (row: string[]) =>
    row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0))).join('  ')
  return rows.map(row => line(row).trimEnd()).join('\n')
}

/** The first of the words of a command such as `runs`; @throws WrongUsage naming those there are */
export function verbOf<Verb extends string>(verbs: Record<Verb, unknown>, [word, ...rest]: string[]) {
  const verb = Object.keys(verbs).find((name): name is Verb => name === word)
  const known = Object.keys(verbs).join(', ')
  if (verb === undefined) throw new WrongUsage(word ? `there is no “${word}”: it knows ${known}` : `say what: ${known}`)
  return { verb, rest }
}
