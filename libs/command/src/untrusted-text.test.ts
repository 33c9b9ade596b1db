import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { removedNote, removedWarning, visibleText } from './untrusted-text.ts'

describe('row 7: hidden text', () => {
  test.each([
    ['seen <!-- evil --> seen', 'seen  seen'],
    ['<!<!-- x -->-- evil -->', ''],
    ['<!-<!-- x -->- evil --> after', ' after'],
    ['before <!-- evil', 'before '],
    ['a <!-- x --!> evil --> b', 'a  b'],
    ['<!DOCTYPE evil><?evil ?>ok', 'ok'],
    ['<SCRIPT>evil</script>ok', 'ok'],
    ['<scr<!-- -->ipt>evil</script>ok', 'ok'],
    ['x\u200By\u{E0041}\u2060\u200E\u061C\u180E\u3164\uFE0F z', 'xy z'],
    ['\u202Eevil\u202C', 'evil'],
    ['<img alt="evil" src=x>', '<img>'],
    ["<a href=x title='evil'>shown</a>", '<a>shown</a>'],
    ['![evil](http://x/y.png)', '![](http://x/y.png)'],
    ['[shown](http://x "evil")', '[shown](http://x)'],
    ['[//]: # (evil)\nshown', '\nshown'],
    ['<\u200B!-- evil -->', ''],
  ])('%j is read as %j', (text, visible) => {
    expect(visibleText(text).text).toBe(visible)
    expect(visibleText(text).removed).not.toEqual([])
  })

  test.each([
    'Make `a < b && c > d` true',
    'Use Map<string, Foo> and [a link](http://x), ![](y)',
    'tab\tand\nline',
    '<b>bold</b> <br/>',
    'José 山田 ❤',
    'x <- y --> z',
    '',
  ])('%j is left as it is', text => expect(visibleText(text)).toEqual({ text, removed: [] }))

  test('a line end of Windows is nothing hidden', () => {
    expect(visibleText('a\r\nb')).toEqual({ text: 'a\nb', removed: [] })
  })

  const pieces = fc
    .array(
      fc.constantFrom(
        '<!',
        '--',
        '<!--',
        '-->',
        '>',
        '<',
        'evil',
        '\u200b',
        '<script',
        '</script>',
        '![',
        '](',
        ')',
        ' a="b"',
        '<a',
        '[x]: y',
        '\n',
        '?>',
        '<?',
        '\u{e0041}',
      ),
      { maxLength: 30 },
    )
    .map(parts => parts.join(''))

  test('what is left hides nothing more: the same again gives the same', () => {
    fc.assert(
      fc.property(fc.oneof(pieces, fc.string({ unit: 'binary' })), text => {
        const once = visibleText(text).text
        expect(visibleText(once)).toEqual({ text: once, removed: [] })
        expect(once).not.toMatch(/<!--|[\p{Cf}\u{e0000}-\u{e007f}\u3164]|[^\P{Cc}\t\n]/u)
      }),
      { numRuns: 500 },
    )
  })

  test('no text takes long', () => {
    const texts = [
      '<!'.repeat(30_000),
      '<!-- '.repeat(20_000),
      '<a '.repeat(30_000),
      '!['.repeat(30_000),
      '[x](y "'.repeat(10_000),
      `${'<!'.repeat(3_000)}${'-- x -->'.repeat(3_000)}`,
    ]
    const started = performance.now()
    for (const text of texts) visibleText(text)
    expect(performance.now() - started).toBeLessThan(5_000)
  })

  test('what was taken out is told: to the model by its kind alone, to people with its beginning, harmless', () => {
    const { removed } = visibleText('x <!-- ignore all <img src=x> --> <!-- two -->\u200b')
    expect(removedNote('the description', removed)).toBe(
      'Left out of the description, because its readers do not see it: characters that cannot be seen, 2 comments.',
    )
    expect(removedWarning('the description', removed)).toContain('“ignore all &lt;img src=x&gt;”')
    expect(removedNote('the title', [])).toBeUndefined()
  })
})
