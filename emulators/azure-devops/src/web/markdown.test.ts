import fc from 'fast-check'
import { expect, test } from 'vitest'
import { markdown } from './markdown.ts'

const links = {
  mention: (id: string) => (id.toLowerCase() === 'a1b2' ? 'Ann <Lee>' : undefined),
  pullRequest: (id: number) => (id === 12 ? '/contoso/web/_git/shop/pullrequest/12' : undefined),
}
const shown = (text: string) => markdown(text, links).text

test.each([
  ['plain', 'one\ntwo', '<p>one<br>\ntwo</p>'],
  ['paragraphs', 'one\n\ntwo', '<p>one</p><p>two</p>'],
  [
    'emphasis',
    '**bold** *it* _it_ ~~gone~~ snake_case_name 2 * 3 * 4',
    '<p><strong>bold</strong> <em>it</em> <em>it</em> <del>gone</del> snake_case_name 2 * 3 * 4</p>',
  ],
  ['code', 'a `b <c>` and ``d ` e``', '<p>a <code>b &#60;c&#62;</code> and <code>d ` e</code></p>'],
  ['code is not parsed', '`**no**`', '<p><code>**no**</code></p>'],
  [
    'fences',
    '```ts\nconst a = "<b>"\n```\nafter',
    '<pre tabindex="0"><code>const a = &#34;&#60;b&#62;&#34;</code></pre><p>after</p>',
  ],
  ['headings below those of the page', '# One\n### Three', '<h4>One</h4><h6>Three</h6>'],
  [
    'links',
    '[a **b**](https://x.test/a_(b)?c=1&d=2)',
    '<p><a href="https://x.test/a_(b)?c=1&#38;d=2" rel="noopener noreferrer nofollow">a <strong>b</strong></a></p>',
  ],
  [
    'bare addresses',
    'see https://x.test/a_b_c. (https://x.test/d)',
    '<p>see <a href="https://x.test/a_b_c" rel="noopener noreferrer nofollow">https://x.test/a_b_c</a>. (<a href="https://x.test/d" rel="noopener noreferrer nofollow">https://x.test/d</a>)</p>',
  ],
  [
    'mentions',
    'thanks @<A1B2>, @<ffff>',
    '<p>thanks <span class="mention">@Ann &#60;Lee&#62;</span>, @&#60;ffff&#62;</p>',
  ],
  [
    'pull requests and work items',
    '!12 !13 #7 a#7 wow!12',
    '<p><a href="/contoso/web/_git/shop/pullrequest/12">!12</a> !13 <span class="work-item">#7</span> a#7 wow!12</p>',
  ],
  ['hidden comments', 'a<!-- run:\n1 -->b', '<p>ab</p>'],
  ['a comment that never ends', 'a\n<!-- x', '<p>a</p>'],
  ['quotes', '> one\n> - two', '<blockquote><p>one</p><ul><li>two</li></ul></blockquote>'],
  [
    'lists',
    '- a\n  - b\n- [x] c\n- [ ] d',
    '<ul><li>a<ul><li>b</li></ul></li><li><input type="checkbox" disabled checked aria-label="done"> c</li><li><input type="checkbox" disabled aria-label="open"> d</li></ul>',
  ],
  ['numbered lists', '3. a\n4. b', '<ol start="3"><li>a</li><li>b</li></ol>'],
  ['rules', 'a\n\n---\nb', '<p>a</p><hr><p>b</p>'],
  [
    'suggestions',
    '```suggestion\nred\n```',
    '<div class="suggestion"><p>Suggested change</p><pre tabindex="0"><code>red</code></pre></div>',
  ],
  [
    'details',
    '<details><summary>More **x**</summary>\n\n- a\n\n</details>\nafter',
    '<details><summary>More <strong>x</strong></summary><ul><li>a</li></ul></details><p>after</p>',
  ],
  [
    'images as links',
    '![cat](https://x.test/cat.png)',
    '<p><a href="https://x.test/cat.png" rel="noopener noreferrer nofollow">🖼 cat</a></p>',
  ],
  [
    'diffs',
    '```diff\n-<a>\n+b\n c\n```',
    '<pre tabindex="0"><code><span class="removed">-&#60;a&#62;</span>\n<span class="added">+b</span>\n c</code></pre>',
  ],
  ['escapes', '\\*no\\* \\<b>', '<p>*no* &#60;b&#62;</p>'],
])('%s', (_, text, expected) => {
  expect(shown(text)).toBe(expected)
})

test('tables keep their alignment, their bars in code, and the text around them', () => {
  expect(shown('before\n| a | b \\| c |\n|:--|--:|\n| `x|y` | [l](https://x.test) |\n| only |\n\nafter')).toBe(
    '<p>before</p><div class="table" tabindex="0"><table><thead><tr><th class="left">a</th><th class="right">b | c</th></tr></thead>' +
      '<tbody><tr><td class="left"><code>x|y</code></td><td class="right"><a href="https://x.test" rel="noopener noreferrer nofollow">l</a></td></tr>' +
      '<tr><td class="left">only</td><td class="right"></td></tr></tbody></table></div><p>after</p>',
  )
})

test.each([
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '[x](javascript:alert(1))',
  '[x](JaVaScRiPt:alert(1))',
  '[x](data:text/html,<script>1</script>)',
  '[x](//evil.test)',
  '[x](/\\evil.test)',
  '[x](https://a.test/"onmouseover="alert(1))',
  '<b onclick=alert(1)>x</b>',
  '<a href="javascript:1">x</a>',
  '</div></details></main><h1>free</h1>',
  '`</code><script>`',
  '| a |\n|---|\n| <svg/onload=1> |',
])('%s does nothing', text => {
  expectOnlyAllowed(shown(text))
})

const piece = fc.constantFrom(
  ...'*_`~<>[]()!#@|\\&"\'\n-:. '.split(''),
  '<!--',
  '-->',
  '<details>',
  '</details>',
  '<summary>',
  '</summary>',
  '<b>',
  '</b>',
  '<script>',
  'javascript:',
  'https://x.test',
  '```',
  '|---|',
  '- ',
  '1. ',
  '> ',
  '@<A1B2>',
  '!12',
  'word',
  ' onclick=1 ',
  '&lt;',
  '\0',
  'é😀',
)

test('no text whatever leaves the allowed elements, attributes and nesting', () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), pieces => {
      expectOnlyAllowed(shown(pieces.join('')))
    }),
    { numRuns: 3000 },
  )
})

test('the longest comments are shown within two seconds, hostile ones too', () => {
  const hostile = [
    '*a ',
    '[',
    '`',
    '<b>',
    '<details>\n',
    '> ',
    '**a',
    '_a',
    '| a |\n|-|\n',
    '![](',
    'http://',
    '- \n',
    '~~a',
    '\\',
    '(',
    '<!--',
  ]
  for (const text of hostile) {
    const started = performance.now()
    shown(text.repeat(Math.floor(150_000 / text.length)))
    expect(performance.now() - started, text).toBeLessThan(2000)
  }
})

const allowedTag =
  /^<(?:\/?(?:p|br|hr|strong|em|del|code|pre|h[456]|ul|ol|li|blockquote|div|table|thead|tbody|tr|th|td|details|summary|b|i|sub|sup|kbd|ins|s|u|a|span)|pre tabindex="0"|ol start="\d+"|div class="(?:suggestion|table)"(?: tabindex="0")?|t[hd] class="(?:left|right|center)"|span class="(?:mention|work-item|added|removed)"|input type="checkbox" disabled(?: checked)? aria-label="(?:open|done)"|a href="(?:https?:\/\/|mailto:|\/(?![/\\])|[?#])[^"<>]*"(?: rel="noopener noreferrer nofollow")?)>$/i

function expectOnlyAllowed(output: string): void {
  const open: string[] = []
  for (const [tag] of output.matchAll(/<[^>]*>?/g)) {
    expect(tag).toMatch(allowedTag)
    const [, closing, name = ''] = /^<(\/?)(\w+)/.exec(tag) ?? []
    if (['br', 'hr', 'input'].includes(name)) continue
    if (closing) expect(open.pop()).toBe(name)
    else open.push(name)
  }
  expect(open).toEqual([])
}
