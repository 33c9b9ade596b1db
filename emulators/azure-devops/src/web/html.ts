/** Text that is markup already. Only {@link html} and the Markdown renderer make it; everything else is escaped on its way in. */
export class Html {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
  toString(): string {
    return this.text
  }
}

export type Child = Html | string | number | boolean | null | undefined | readonly Child[]

/** Template tag: values are escaped, for text and for quoted attributes alike; null, undefined and booleans leave nothing. */
export function html(parts: TemplateStringsArray, ...values: Child[]): Html {
  return new Html(parts.map((part, at) => (at === 0 ? part : rendered(values[at - 1]) + part)).join(''))
}

export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`)
}

/** A URL that a browser may follow; undefined for `javascript:` and its like. */
export function safeUrl(url: string): string | undefined {
  const trimmed = url.trim()
  if (/^(https?:\/\/|mailto:)/i.test(trimmed)) return trimmed
  // A path, query or fragment of this host: no scheme, and no other host behind two slashes or backslashes.
  return /^(\/(?![/\\])|[?#])/.test(trimmed) ? trimmed : undefined
}

function rendered(child: Child): string {
  if (child === null || child === undefined || typeof child === 'boolean') return ''
  if (child instanceof Html) return child.text
  if (typeof child === 'object') return child.map(rendered).join('')
  return escaped(String(child))
}
