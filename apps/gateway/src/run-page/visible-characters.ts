import { type Child, html } from './html.ts'

/** Controls but tab, and whatever reorders text or cannot be seen: code that reads other than it is compiled hides there. */
const hidden = /([^\P{Cc}\t]|[\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}])/u

/** A line of code with its hidden characters named: `U+202E`. A carriage return at its end is a line end's. */
export function visibly(line: string): Child {
  const text = line.replace(/\r$/, '').toWellFormed()
  if (!hidden.test(text)) return text
  return text.split(new RegExp(hidden.source, 'gu')).map((part, at) => (at % 2 === 0 ? part : named(part)))
}

function named(character: string): Child {
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
  return html`<span class="hidden-character">U+${code}</span>`
}
