import type { SeenFile, View } from './seen-files.ts'
import { isComplete } from './seen-files.ts'
import type { Change } from './unified-diff.ts'
import { type Way, widen } from './way.ts'

const isStyle = (file: SeenFile) => /\.(?:css|scss|less)$/i.test(file.path) && isComplete(file)
const isMarkup = (file: SeenFile) => /\.(?:html?|jsx|tsx|vue|svelte|cshtml|razor)$/i.test(file.path)

/** Ways to colour buttons with the stylesheets and the markup in sight; none when there are neither. */
export function buttonWays(colour: string, view: View, count: number): Way[] {
  const style = view.files.find(file => isStyle(file) && buttonRule(file)) ?? view.files.find(isStyle)
  const markup = view.files.filter(file => isMarkup(file) && file.lines.some(line => line && /<button\b/i.test(line)))
  const ways = [...(style ? styleWays(colour, style) : []), ...(markup.length > 0 ? markupWays(colour, markup) : [])]
  // Where both exist, the third way goes through the markup; the stylesheet has more ways than the first three.
  const third = ways.findIndex(way => way.name === 'In the markup')
  if (third > 2) ways.splice(2, 0, ...ways.splice(third, 1))
  return widen(ways, { text: `Buttons are ${colour}.`, banned: undefined }, view, count)
}

interface Rule {
  open: number
  close: number
  declaration: number | undefined
}

/** A rule whose selector is about buttons, and its background declaration if it has one. */
function buttonRule(file: SeenFile): Rule | undefined {
  const open = file.lines.findIndex(
    line =>
      line !== undefined && /(?:^|[\s,>+~])(?:button|\.btn|\.button|\[type="?submit"?\])\s*(?:,.*)?\{\s*$/i.test(line),
  )
  if (open < 0) return undefined
  const length = file.lines.slice(open).findIndex(line => line !== undefined && /^\s*\}/.test(line))
  if (length < 0) return undefined
  const body = file.lines.slice(open + 1, open + length)
  const at = body.findIndex(line => line !== undefined && /^\s*background(?:-color)?\s*:/.test(line))
  return { open, close: open + length, declaration: at < 0 ? undefined : open + 1 + at }
}

function styleWays(colour: string, file: SeenFile): Way[] {
  const rule = buttonRule(file)
  const variable: Change = {
    file,
    lines: merged(rootVariable(file, colour), backgroundLines(file, rule, 'var(--button-color)')),
  }
  const separate = appended(file, [
    '',
    'button,',
    '.btn,',
    'input[type="submit"] {',
    `  background-color: ${colour};`,
    '}',
  ])
  const strong = appended(file, ['', 'button:not(:disabled) {', `  background-color: ${colour};`, '}'])
  return [
    {
      name: 'Smallest rule',
      brief: `Sets the background of buttons to ${colour} in ${file.path}, and nothing else.`,
      changes: [{ file, lines: backgroundLines(file, rule, colour) }],
    },
    {
      name: 'A CSS variable',
      brief: `Names the colour --button-color once in ${file.path} and lets buttons use it.`,
      changes: [variable],
    },
    {
      name: 'A rule of its own',
      brief: `Adds one rule to ${file.path} that covers every kind of button.`,
      changes: [{ file, lines: separate }],
    },
    {
      name: 'Only enabled buttons',
      brief: `Colours buttons ${colour} in ${file.path} unless they are disabled.`,
      changes: [{ file, lines: strong }],
    },
  ]
}

function backgroundLines(file: SeenFile, rule: Rule | undefined, value: string): Map<number, string[]> {
  if (!rule) return appended(file, ['', 'button {', `  background-color: ${value};`, '}'])
  const sample = file.lines[rule.declaration ?? rule.open + 1] ?? ''
  const indent = /^\s+/.exec(sample)?.[0] ?? '  '
  const declaration = `${indent}background-color: ${value};`
  if (rule.declaration !== undefined) return new Map([[rule.declaration, [declaration]]])
  return new Map([[rule.close, [declaration, file.lines[rule.close] ?? '}']]])
}

function rootVariable(file: SeenFile, colour: string): Map<number, string[]> {
  const root = file.lines.findIndex(line => line !== undefined && /^\s*:root\s*\{\s*$/.test(line))
  const line = file.lines[root]
  if (line !== undefined) return new Map([[root, [line, `  --button-color: ${colour};`]]])
  const first = file.lines[0]
  const block = [':root {', `  --button-color: ${colour};`, '}', '']
  // @charset and @import must stay first.
  if (first === undefined || /^@(?:charset|import)|^\uFEFF/.test(first))
    return appended(file, ['', ...block.slice(0, -1)])
  return new Map([[0, [...block, first]]])
}

function appended(file: SeenFile, lines: string[]): Map<number, string[]> {
  return new Map([[file.lines.length, file.lines.length === 0 ? lines.slice(1) : lines]])
}

function merged(one: Map<number, string[]>, other: Map<number, string[]>): Map<number, string[]> {
  const both = new Map(one)
  for (const [index, lines] of other) both.set(index, [...(both.get(index) ?? []), ...lines])
  return both
}

function markupWays(colour: string, files: SeenFile[]): Way[] {
  const inline = changeButtons(files, (tag, jsx) =>
    withAttribute(
      tag,
      jsx ? `style={{ backgroundColor: '${colour}' }}` : `style="background-color: ${colour}"`,
      /\bstyle\s*=/,
    ),
  )
  const accented = changeButtons(files, (tag, jsx) =>
    withAttribute(tag, `${jsx ? 'className' : 'class'}="button-${colour}"`, /\bclass(?:Name)?\s*=/),
  )
  const styled = withStyleElement(accented, `button-${colour}`, colour)
  const ways: Way[] = [
    { name: 'In the markup', brief: `Writes the colour onto every button element.`, changes: inline },
  ]
  if (styled)
    ways.push({ name: 'A class', brief: `Gives buttons a class and styles it in the page's head.`, changes: styled })
  return ways
}

function changeButtons(files: SeenFile[], change: (tag: string, jsx: boolean) => string): Change[] {
  return files.flatMap(file => {
    const jsx = /\.[jt]sx$/i.test(file.path)
    const lines = new Map<number, string[]>()
    for (const [index, line] of file.lines.entries()) {
      const next = line?.replace(/<button\b(?:[^>"'{}]|"[^"]*"|'[^']*'|\{[^{}]*\})*/gi, tag => change(tag, jsx))
      if (line !== undefined && next !== undefined && next !== line) lines.set(index, [next])
    }
    return lines.size === 0 ? [] : [{ file, lines }]
  })
}

function withAttribute(tag: string, attribute: string, present: RegExp): string {
  return present.test(tag) ? tag : tag.replace(/^<button/i, start => `${start} ${attribute}`)
}

function withStyleElement(changes: Change[], className: string, colour: string): Change[] | undefined {
  for (const change of changes) {
    if (!('file' in change)) continue
    const head = change.file.lines.findIndex(line => line !== undefined && /^\s*<\/head>/i.test(line))
    const line = change.file.lines[head]
    if (line === undefined) continue
    const lines = new Map(change.lines).set(head, [
      `  <style>.${className} { background-color: ${colour} }</style>`,
      line,
    ])
    return changes.length === 1 ? [{ file: change.file, lines }] : undefined
  }
  return undefined
}
