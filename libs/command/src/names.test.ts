import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { branchName, draftTitle, userSegment } from './names.ts'
import { slugOf } from './slug.ts'

const id = '3b5f0e1c-22aa-4c1d-9a57-0d6f6c0e7a11'
const user = (uniqueName: string, displayName = 'Someone') => userSegment({ uniqueName, displayName, id })

test.each([
  ['make buttons red', 'make-buttons-red'],
  ['  Make   the Buttons RED!! ', 'make-the-buttons-red'],
  ['rename foo_bar to fooBar', 'rename-foo-bar-to-foobar'],
  ['Größe ändern, naïve Straße, Łódź', 'grosse-andern-naive-strasse-lodz'],
  ['按钮变红', 'edit'],
  ['🔥🔥', 'edit'],
  ['', 'edit'],
  ['CON', 'edit-con'],
  ['lpt1', 'edit-lpt1'],
  ['../../etc/passwd', 'etc-passwd'],
  ['$(rm -rf /); x.lock', 'rm-rf-x-lock'],
  ['replace every occurrence of the deprecated helper', 'replace-every-occurrence-of-the'],
  ['x'.repeat(90), 'x'.repeat(40)],
  [`a ${'x'.repeat(90)}`, `a-${'x'.repeat(38)}`],
])('the slug of %j is %s', (intent, slug) => {
  expect(slugOf(intent)).toBe(slug)
})

test.each([
  ['alice@example.com', 'alice'],
  ['Alice.Smith@example.com', 'alice-smith'],
  ['CONTOSO\\bob', 'bob'],
  ['josé@example.com', 'jose-3b5f0e'],
  ['алиса@example.com', 'u-3b5f0e1c'],
  ['con@example.com', 'u-3b5f0e1c'],
  ['ext_contoso.com#EXT#@fabrikam.onmicrosoft.com', 'ext-contoso-com-ext-3b5f0e'],
  [`${'long'.repeat(20)}@example.com`, 'longlonglonglonglonglongl-3b5f0e'],
  ['-alice-@example.com', 'alice'],
])('%s writes under users/%s', (uniqueName, segment) => {
  expect(user(uniqueName)).toBe(segment)
})

test('without an account name the display name is used', () => {
  expect(user('', 'Build Service')).toBe('build-service')
})

test('an identity that is no GUID still gives digits', () => {
  expect(userSegment({ uniqueName: '*', displayName: '', id: 'vss.ds/ü' })).toMatch(/^u-[0-9a-f]{8}$/)
})

test('names of a branch and a draft', () => {
  expect(branchName({ user: 'alice', slug: 'make-buttons-red', variant: 2 })).toBe('users/alice/make-buttons-red/v2')
  expect(draftTitle({ variant: 2, slug: 'make-buttons-red' })).toBe('🔧 AI Edit v2: make-buttons-red')
})

test('git takes every branch name, whoever asks for whatever', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 80 }),
    fc.string({ unit: 'grapheme', maxLength: 80 }),
    fc.constantFrom(
      'HEAD',
      '@',
      '@{',
      '-x',
      '.lock',
      'a.lock',
      'a..b',
      'NUL',
      'com1',
      '~^:?*[\\',
      '\u202e',
      '%2e%2e',
      '--',
      'İ',
      'ẞ',
    ),
  )
  const names = fc.sample(fc.record({ intent: text, uniqueName: text, displayName: text, id: text }), {
    numRuns: 200,
    seed: 7,
  })
  for (const { intent, ...person } of names) {
    const name = branchName({ user: userSegment(person), slug: slugOf(intent), variant: 3 })
    expect(name).toMatch(
      /^users\/(?=[^/]{1,32}\/)[a-z0-9]+(?:-[a-z0-9]+)*\/(?=[^/]{1,45}\/)[a-z0-9]+(?:-[a-z0-9]+)*\/v3$/,
    )
    execFileSync('git', ['check-ref-format', '--branch', name], { stdio: 'pipe' })
  }
})

test('folding is settled after one pass', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), intent => {
      expect(slugOf(slugOf(intent))).toBe(slugOf(intent))
    }),
  )
})
