import { findInvisible } from './invisible.ts'

type CommandName = 'edit' | 'help' | 'cancel'

export type ParsedCommand =
  | { kind: 'none' }
  | { kind: 'edit'; variants: number; intent: string }
  | { kind: 'help' }
  | { kind: 'cancel' }
  | { kind: 'invalid'; command: CommandName; problem: string }

/** UTF-8 bytes of an intent. */
export const maxIntentBytes = 4_096

/** What follows must end the word, so that `/edits`, `/edit-notes` and `/edit.ts` are none; `/edit/3` is a slip worth an answer. */
const commandWord = /^\/(edit|help|cancel)(?![\p{L}\p{N}\p{M}_.-]|\/(?!\p{N}))/u

/** `/src/app.ts` opens an intent; `/three`, `/1e3`, `/-1` and `/ 3` are counts gone wrong. */
const leadingPath = /^\/\p{L}[^\s/.]*[/.]\S/u

/**
 * Reads a comment as a command: `/edit [/N] intent`, `/help` or `/cancel` at its very beginning. An allow-list: what is not
 * exactly a command is `none`, what begins as one but is wrong is `invalid` with a sentence for its author. Linear in the text.
 * @param options.maxVariants the largest N; more is refused, never clamped
 */
export function parseCommand(text: string, options: { maxVariants: number }): ParsedCommand {
  const command = commandNamed(commandWord.exec(text)?.[1])
  if (command === undefined) return { kind: 'none' }
  const rest = text.slice(command.length + 1)
  return command === 'edit' ? parseEdit(rest, options.maxVariants) : parseBare(command, rest)
}

/** Whether an `/edit` says how many variants it wants; where it does not, the project's settings may. */
export function namesCount(text: string): boolean {
  return /^\/edit[ \t\r\n]+\/[0-9]/.test(text)
}

function commandNamed(word: string | undefined): CommandName | undefined {
  return word === 'edit' || word === 'help' || word === 'cancel' ? word : undefined
}

function parseBare(command: 'help' | 'cancel', rest: string): ParsedCommand {
  const lineEnd = rest.search(/[\r\n]/)
  const line = lineEnd === -1 ? rest : rest.slice(0, lineEnd)
  if (line.trim() === '') return { kind: command }
  return invalid(command, `\`/${command}\` takes nothing after it. Write \`/${command}\` alone on its line.`)
}

function parseEdit(rest: string, maxVariants: number): ParsedCommand {
  const example = maxVariants >= 3 ? '`/edit /3 make buttons red`' : '`/edit make buttons red`'
  if (Buffer.byteLength(rest) > maxIntentBytes + 64) return tooLong()
  const lines = rest.replace(/\r\n?/g, '\n')
  const hidden = findInvisible(lines)
  if (hidden !== undefined) {
    return invalid(
      'edit',
      `The command contains a character that cannot be seen (${hidden}). Type it again without it, as in ${example}.`,
    )
  }
  if (!/^[ \t\n]|^$/.test(lines)) return invalid('edit', `After \`/edit\` comes a space, as in ${example}.`)

  const counted = readCount(lines, maxVariants)
  if ('problem' in counted) return invalid('edit', counted.problem)
  const intent = counted.rest.trim().normalize('NFC')
  if (intent === '')
    return invalid('edit', `\`/edit\` needs to know what to do. Say it in your own words, as in ${example}.`)
  if (Buffer.byteLength(intent) > maxIntentBytes) return tooLong()
  return { kind: 'edit', variants: counted.variants, intent }
}

function readCount(rest: string, maxVariants: number): { variants: number; rest: string } | { problem: string } {
  const [firstLine = ''] = rest.split('\n', 1)
  const start = firstLine.trimStart()
  if (!start.startsWith('/') || leadingPath.test(start)) return { variants: 1, rest }
  const token = /^\/\S*/.exec(start)?.[0] ?? ''
  if (!/^\/[0-9]+$/.test(token)) {
    return {
      problem: `How many variants you want is a number right after a slash, from \`/1\` to \`/${maxVariants}\`, as in \`/edit /${Math.min(3, maxVariants)} make buttons red\`.`,
    }
  }
  const variants = Number(token.slice(1))
  if (variants < 1) return { problem: `At least one variant is needed: write \`/edit /1 …\`, or leave the number out.` }
  if (variants > maxVariants) {
    return { problem: `That is more variants than allowed here: ask for \`/${maxVariants}\` or fewer.` }
  }
  return { variants, rest: firstLine.trimStart().slice(token.length) + rest.slice(firstLine.length) }
}

function tooLong(): ParsedCommand {
  return invalid(
    'edit',
    `What you ask for is too long: at most ${maxIntentBytes / 1_024} kB fit. Say it in fewer words, or split it into several commands.`,
  )
}

function invalid(command: CommandName, problem: string): ParsedCommand {
  return { kind: 'invalid', command, problem }
}
