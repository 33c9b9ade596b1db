import { escaped, safeUrl } from './html.ts'

/** What a comment may point at; undefined leaves the text as it was written. */
export type MarkdownLinks = {
  /** display name of `@<id>` */
  mention(id: string): string | undefined
  /** path of `!12` */
  pullRequest(id: number): string | undefined
}

type Rule = { pattern: RegExp; render(match: RegExpExecArray, links: MarkdownLinks, depth: number): string | undefined }

const punctuation = /^\\([!-/:-@[-`{-~])/
/** Tags that mean the same everywhere, without attributes, and only as a closed pair. */
const plainTag = /^<(b|i|em|strong|sub|sup|kbd|code|ins|del|s|u)>([^\0]{0,2000}?)<\/\1>/i

const rules: Rule[] = [
  { pattern: punctuation, render: ([, character = '']) => escaped(character) },
  {
    pattern: /^(`+)(?!`)([^\0]{0,3000}?[^`])\1(?!`)/,
    render: ([, , code = '']) => `<code>${escaped(code.replace(/^ (.+) $/s, '$1'))}</code>`,
  },
  { pattern: /^<br ?\/?>/i, render: () => '<br>' },
  {
    pattern: plainTag,
    render: ([, tag = '', inner = ''], links, depth) => {
      const name = tag.toLowerCase()
      return `<${name}>${inlineMarkdown(inner, links, depth + 1)}</${name}>`
    },
  },
  { pattern: /^<(https?:\/\/[^\s<>]{1,2000})>/i, render: ([, url = '']) => link(url, escaped(url)) },
  {
    pattern: /^@<([\w-]{1,60})>/,
    render: ([, id = ''], links) => {
      const name = links.mention(id)
      return name === undefined ? undefined : `<span class="mention">@${escaped(name)}</span>`
    },
  },
  {
    pattern: /^!\[([^\]\n]{0,500})\]\(([^()\s]{1,2000})(?: +"[^"\n]{0,500}")?\)/,
    // Images live on other hosts, which this page never calls: a link, so that the reader decides.
    render: ([, alt = '', url = '']) => link(url, `🖼 ${escaped(alt || 'image')}`),
  },
  {
    pattern:
      /^\[((?:[^[\]\n\\]|\\.|\[[^[\]\n]{0,200}\]){0,1000})\]\(<?((?:[^()\s<>]|\([^()\s]{0,500}\)){1,2000})>?(?: +"[^"\n]{0,500}")?\)/,
    render: ([, text = '', url = ''], links, depth) =>
      link(url, inlineMarkdown(text, { ...links, pullRequest: () => undefined }, depth + 1)),
  },
  { pattern: /^(\*\*|__)(?=\S)([^\0]{0,3000}?\S)\1/, render: emphasis('strong') },
  { pattern: /^~~(?=\S)()([^\0]{0,3000}?\S)~~/, render: emphasis('del') },
  { pattern: /^(\*)(?![\s*])([^\0]{0,3000}?[^\s*])\*(?!\*)/, render: emphasis('em') },
  { pattern: /^(_)(?![\s_])([^\0]{0,3000}?[^\s_])_(?!\w)/, render: emphasis('em') },
  { pattern: /^https?:\/\/[^\s<>"'`|]{1,2000}/i, render: ([match]) => bareUrl(match) },
  {
    pattern: /^!(\d{1,9})\b/,
    render: ([match, id], links) => {
      const path = links.pullRequest(Number(id))
      return path === undefined ? undefined : `<a href="${escaped(path)}">${escaped(match)}</a>`
    },
  },
  { pattern: /^#(\d{1,9})\b/, render: ([match]) => `<span class="work-item">${escaped(match)}</span>` },
  { pattern: /^&(?:[a-z]{2,10}|#\d{1,6});/i, render: ([match]) => match },
  { pattern: /^ *\n/, render: () => '<br>\n' },
]

/** The rest of a line: a word, where nothing can begin before the next special character. */
const plainText = /^(?:[A-Za-z0-9]+|[^\\`<@![*_~h#&\n A-Za-z0-9]+|[^\n])/
const wordCharacter = /\w/

/** Inline Markdown as Azure DevOps shows it in a pull request: a line break is a line break, and everything unknown is text. */
export function inlineMarkdown(text: string, links: MarkdownLinks, depth = 0): string {
  if (depth > 8) return escaped(text)
  let output = ''
  let at = 0
  while (at < text.length) {
    const rest = text.slice(at, at + 12_000)
    const token = matched(rest, { links, depth, insideWord: at > 0 && wordCharacter.test(text[at - 1] ?? '') })
    output += token.output
    at += token.length
  }
  return output
}

function matched(
  rest: string,
  at: { links: MarkdownLinks; depth: number; insideWord: boolean },
): { output: string; length: number } {
  const word = at.insideWord && /^(?:[_#h]|!\d)/i.test(rest)
  for (const { pattern, render } of word ? [] : rules) {
    const match = pattern.exec(rest)
    if (!match) continue
    const output = render(match, at.links, at.depth)
    if (output !== undefined) return { output, length: match[0].length }
  }
  const plain = plainText.exec(rest)?.[0] ?? rest.charAt(0)
  return { output: escaped(plain), length: plain.length }
}

function emphasis(tag: 'strong' | 'em' | 'del'): Rule['render'] {
  return ([, , inner = ''], links, depth) => `<${tag}>${inlineMarkdown(inner, links, depth + 1)}</${tag}>`
}

/** Punctuation at the end belongs to the sentence, a closing bracket to what opened before the address. */
function bareUrl(match: string): string {
  const url = match.replace(/[.,:;!?*_~]+$/, '')
  const cut = url.endsWith(')') && !url.includes('(') ? url.slice(0, -1) : url
  return link(cut, escaped(cut)) + escaped(match.slice(cut.length))
}

function link(url: string, label: string): string {
  const safe = safeUrl(url)
  return safe === undefined ? label : `<a href="${escaped(safe)}" rel="noopener noreferrer nofollow">${label}</a>`
}
