import fc from 'fast-check'
import { expect, test } from 'vitest'
import { maxIntentBytes, parseCommand } from './grammar.ts'

const parse = (text: string) => parseCommand(text, { maxVariants: 8 })

test.each([
  ['/edit make buttons red', 1, 'make buttons red'],
  ['/edit /3 make buttons red', 3, 'make buttons red'],
  ['/edit /8 x  \r\n', 8, 'x'],
  ['/edit \t /03\tx', 3, 'x'],
  ['/edit /2 first line\r\nsecond line\n\nthird', 2, 'first line\nsecond line\n\nthird'],
  ['/edit /3\nmake buttons red', 3, 'make buttons red'],
  ['/edit\nmake buttons red', 1, 'make buttons red'],
  ['/edit rename /3 to /4', 1, 'rename /3 to /4'],
  ['/edit /src/app.ts should log less', 1, '/src/app.ts should log less'],
  ['/edit 3 buttons become red', 1, '3 buttons become red'],
  ['/edit grüße\u00a0und Ku\u0308sse ❤️ 👩‍💻', 1, 'grüße\u00a0und Küsse ❤️ 👩‍💻'],
  ['/edit <b>&amp; @<1234> `code` #12', 1, '<b>&amp; @<1234> `code` #12'],
])('%j asks for %i variants', (text, variants, intent) => {
  expect(parse(text)).toEqual({ kind: 'edit', variants, intent })
})

test.each([
  ['/help', 'help'],
  ['/help  \n', 'help'],
  ['/cancel', 'cancel'],
  ['/cancel\n\nthis is not what I meant', 'cancel'],
])('%j is the command %s', (text, kind) => {
  expect(parse(text)).toEqual({ kind })
})

test.each([
  ...[
    '/edit',
    '/edit ',
    '/edit /3',
    '/edit /3  \n ',
    '/edit /0 x',
    '/edit /00 x',
    '/edit /9 x',
    '/edit /999999 x',
    '/edit /-1 x',
  ],
  ...[
    '/edit /+1 x',
    '/edit /1e3 x',
    '/edit /0x10 x',
    '/edit /٣ x',
    '/edit /３ x',
    '/edit / 3 x',
    '/edit /1.5 x',
    '/edit /3x y',
  ],
  ...[
    '/edit /three x',
    '/edit //3 x',
    '/edit /3/ x',
    '/edit/3 x',
    '/edit: make buttons red',
    '/edit\u00a0x',
    '/edit\u200b x',
    '/edit x\u202ey',
  ],
  ...[
    '/edit x\u0000',
    '/edit x\u{e0041}',
    '/edit x\u2060',
    '/edit x\u180e',
    '/edit x\u3164',
    '/edit x\ufe0f',
    '/edit x\u2028y',
    '/edit x\ny\u202e',
  ],
  ...[
    `/edit /${'9'.repeat(400)} x`,
    `/edit ${'x'.repeat(maxIntentBytes + 1)}`,
    `/edit ${'ü'.repeat(maxIntentBytes / 2 + 1)}`,
    '/edit x\ud800',
  ],
])('%j begins as /edit but is wrong, and its author is told why', text => {
  const parsed = parse(text)
  expect(parsed).toMatchObject({ kind: 'invalid', command: 'edit' })
  expect(parsed.kind === 'invalid' && parsed.problem).toMatch(/^[A-Z`].{20,300}\.$/)
})

test.each(['/help me', '/cancel /2', '/cancel now'])('%j has something after it and is answered', text => {
  expect(parse(text)).toMatchObject({ kind: 'invalid', command: text.slice(1).split(' ')[0] })
})

test.each([
  ...[
    '',
    ' ',
    'edit x',
    '/edits x',
    '/editor',
    '/edit-notes',
    '/edit_x',
    '/edit.ts is broken',
    '/edit/app.ts is broken',
    '/Edit x',
    '//edit x',
  ],
  ...[
    '／ｅｄｉｔ x',
    '/еdit x',
    '∕edit x',
    '/edit\u0301 x',
    '/review',
    '/helpful',
    '/cancelled',
    ' /edit x',
    '\n/edit x',
    '\ufeff/edit x',
  ],
  ...[
    '> /edit x',
    '`/edit x`',
    '```\n/edit x\n```',
    '<!-- /edit x -->',
    'please\n/edit x',
    '@<1-2-3> /edit x',
    '🔧 /edit x',
  ],
])('%j is not a command', text => {
  expect(parse(text)).toEqual({ kind: 'none' })
})

test('the problem names the largest number of variants allowed', () => {
  expect(parseCommand('/edit /3 x', { maxVariants: 2 })).toMatchObject({ problem: expect.stringContaining('`/2`') })
})

test('an intent of exactly the largest size passes', () => {
  expect(parse(`/edit /8 ${'x'.repeat(maxIntentBytes)}`)).toMatchObject({ kind: 'edit' })
})

test('a megabyte of anything is read in a moment', () => {
  for (const filling of [' ', '/', '/3 ', '\n', 'x', '\u202e', '❤️', '1', '/edit ']) {
    for (const opening of ['/edit ', '/edit /3 ', '/help ', '/cancel', '']) {
      const text = opening + filling.repeat(1_000_000 / filling.length)
      const start = performance.now()
      parse(text)
      expect(performance.now() - start).toBeLessThan(250)
    }
  }
})

test('whatever is written, the count is within bounds and the intent is visible, trimmed and small', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.constantFrom('/edit ', '/edit /', '/edit /3 ', ''),
      (text, opening) => {
        const parsed = parse(opening + text)
        if (parsed.kind !== 'edit') return
        expect(parsed.variants).toBeGreaterThanOrEqual(1)
        expect(parsed.variants).toBeLessThanOrEqual(8)
        expect(parsed.intent).toBe(parsed.intent.trim())
        expect(parsed.intent).not.toBe('')
        expect(parsed.intent).not.toMatch(/[\u0000-\u0008\u200b\u202a-\u202e\u2066-\u2069]/)
      },
    ),
  )
})

test('an edit that was written by its parts is read back as the same parts', () => {
  const word = fc.stringMatching(/^[a-z][a-zA-Z0-9 .,'"()é]{0,30}[a-z]$/)
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 8 }), word, word, (variants, first, second) => {
      expect(parse(`/edit /${variants} ${first}\n${second}`)).toEqual({
        kind: 'edit',
        variants,
        intent: `${first}\n${second}`.normalize('NFC'),
      })
    }),
  )
})
