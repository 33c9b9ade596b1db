import fc from 'fast-check'
import { expect, test } from 'vitest'
import { code, fitted, link, plain, quotation, table } from './markdown.ts'

test.each([
  ['![x](https://evil.example/?q=canary)', '!\\[x\\](https:&zwnj;//evil.example/?q=canary)'],
  ['@everyone and @<3b5f0e1c-22aa>', '@&zwnj;everyone and @&zwnj;&lt;3b5f0e1c-22aa&gt;'],
  ['Fixes #1, AB#1 and !1', 'Fixes #&zwnj;1, AB#&zwnj;1 and !&zwnj;1'],
  ['<img src=x onerror=y> &lt;', '&lt;img src=x onerror=y&gt; &amp;lt;'],
  ['<!-- code-agent:overview -->', '&lt;!-- code-agent:overview --&gt;'],
  ['a | b\n| --- |', 'a \\| b \\| --- \\|'],
  ['**b** _i_ `c` ~~s~~ $x$ {.x}', '\\*\\*b\\*\\* \\_i\\_ \\`c\\` \\~\\~s\\~\\~ \\$x\\$ \\{.x\\}'],
  ['# head', '\\# head'],
  ['1. item', '1&zwnj;. item'],
  ['- item', '\\- item'],
  ['::: mermaid', '\\::: mermaid'],
  ['www.evil.example mailto:a@b.c', 'www&zwnj;.evil.example mailto&zwnj;:a@&zwnj;b.c'],
  ['a\u202eb\u200b \u0007c', 'ab c'],
  ['\\[x](y)', '\\\\\\[x\\](y)'],
  ['call f(x), it costs 3 % - fine!', 'call f(x), it costs 3 % - fine!'],
])('%j is shown as %j', (text, shown) => {
  expect(plain(text)).toBe(shown)
})

test('no text at all makes a link, image, mention, element, marker or second line', () => {
  const pieces = fc.constantFrom(
    '<',
    '>',
    '!',
    '[',
    ']',
    '(',
    ')',
    '@',
    '#',
    '1',
    'AB',
    '--',
    '`',
    '|',
    '\n',
    '\\',
    'http',
    '://',
    'x',
    '&',
    ' ',
    '\u200b',
  )
  fc.assert(
    fc.property(fc.array(fc.oneof(pieces, fc.string({ unit: 'binary', maxLength: 3 })), { maxLength: 30 }), parts => {
      const shown = plain(parts.join(''))
      expect(shown).not.toMatch(/[<>\n\r]|[#!]\d|@\S(?<!@&)|:\/\/|(?<!\\)(?:\\\\)*[[\]|`]/)
    }),
  )
})

test('a quotation keeps its lines inside itself', () => {
  expect(quotation('# one\r\n\r\n> two\n<b>')).toBe('> \\# one\n>\n> &gt; two\n> &lt;b&gt;')
})

test('code is only what is harmless as code', () => {
  expect(code('src/app.ts')).toBe('`src/app.ts`')
  expect(code('src/`#1`.ts')).toBe('src/\\`#&zwnj;1\\`.ts')
})

test('a link leads only to web addresses and cannot be broken out of', () => {
  expect(link('Draft 57', 'https://dev.azure.com/o/My Project/_git/r/pullrequest/57')).toBe(
    '[Draft 57](https://dev.azure.com/o/My%20Project/_git/r/pullrequest/57)',
  )
  expect(link('x](evil', 'https://a/b)c(d')).toBe('[x\\](evil](https://a/b%29c%28d)')
  expect(link('x', 'javascript:alert(1)')).toBe('x')
})

test('a table has as many cells in each row as in its head', () => {
  expect(table(['a', 'b'], [['1'], ['1', '2', '3']])).toBe('| a | b |\n| --- | --- |\n| 1 | – |\n| 1 | 2 |')
})

test('what does not fit is cut at a whole character, never inside an escape', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', '@x', '🔧', '|', '<'), maxLength: 200 }),
      fc.integer({ min: 10, max: 300 }),
      (text, max) => {
        const shown = fitted(text, max, plain)
        expect(shown.length).toBeLessThanOrEqual(max)
        expect(shown.isWellFormed()).toBe(true)
        expect(shown.replace(/&zwnj;|&lt;|\\\|/g, '')).not.toMatch(/[&;|\\]/)
        if (plain(text).length > max) expect(shown.endsWith('…')).toBe(true)
      },
    ),
  )
})
