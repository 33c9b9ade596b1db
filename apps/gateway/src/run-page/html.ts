/** Text that is markup already. Only {@link html} makes it; everything else is escaped on its way in. */
export class Html {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

export type Child = Html | string | number | false | null | undefined | readonly Child[]

/** Template tag: values are escaped, for text and for quoted attributes alike; null, undefined and false leave nothing. */
export function html(parts: TemplateStringsArray, ...values: Child[]): Html {
  return new Html(parts.map((part, at) => (at === 0 ? part : rendered(values[at - 1]) + part)).join(''))
}

function rendered(child: Child): string {
  if (child === null || child === undefined || child === false) return ''
  if (child instanceof Html) return child.text
  if (typeof child === 'string' || typeof child === 'number') return escaped(String(child))
  return child.map(rendered).join('')
}

function escaped(text: string): string {
  return text.toWellFormed().replace(/[&<>"'`]/g, character => `&#${character.charCodeAt(0)};`)
}
