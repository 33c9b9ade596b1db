import { describe, expect, test } from 'vitest'
import { applyEdit, type ProblemCode, type SourceFile, type SourceTree } from './apply.ts'
import { textTree } from './source-tree.ts'

const shop = `import { open } from './door.ts'

export function greet(name: string) {
  const hour = clock()
  if (hour < 12) {
    return 'Good morning, ' + name
  }
  return 'Hello, ' + name
}

export function leave(name: string) {
  close()
  return 'Bye, ' + name
}
`
const swapped = shop.replace("  return 'Hello, ' + name", '  return hello(name)')
const body = ['   }', "-  return 'Hello, ' + name", '+  return hello(name)', ' }', ' ', ''].join('\n')

function apply(text: string, contents: Record<string, string> = { 'src/shop.ts': shop }) {
  return applyEdit({ files: textTree(new Map(Object.entries(contents))), text })
}

function applied(text: string, contents?: Record<string, string>) {
  const result = apply(text, contents)
  if (!result.ok) throw new Error(result.report)
  return Object.fromEntries(result.changes.map(({ path, after }) => [path, after]))
}

function codes(text: string, contents?: Record<string, string>): ProblemCode[] {
  const result = apply(text, contents)
  return result.ok ? [] : result.problems.map(problem => problem.code)
}

const head = '--- a/src/shop.ts\n+++ b/src/shop.ts\n'

describe('an edit is placed whatever the headers say', () => {
  test.each([
    ['right numbers', `${head}@@ -7,4 +7,4 @@\n${body}`],
    ['no numbers', `${head}@@\n${body}`],
    ['dots', `${head}@@ ... @@\n${body}`],
    ['placeholders', `${head}@@ -XX,YY +XX,YY @@\n${body}`],
    ['a symbol', `${head}@@ export function greet @@\n${body}`],
    ['numbers far off', `${head}@@ -70,4 +91,4 @@\n${body}`],
    ['wrong counts', `${head}@@ -7,1 +7,9 @@\n${body}`],
    ['no counts', `${head}@@ -7 +7 @@\n${body}`],
    ['no hunk header', `${head}${body}`],
    ['a git header alone', `diff --git a/src/shop.ts b/src/shop.ts\n@@ -7,4 +7,4 @@\n${body}`],
    ['only the new name', `+++ b/src/shop.ts\n@@ -7,4 +7,4 @@\n${body}`],
    ['names without prefix', `--- src/shop.ts\n+++ src/shop.ts\n@@ -7,4 +7,4 @@\n${body}`],
    ['a dotted path', `--- a/./src/shop.ts\n+++ b/./src/shop.ts\n@@ -7,4 +7,4 @@\n${body}`],
    ['backslashes', `--- a\\src\\shop.ts\n+++ b\\src\\shop.ts\n@@ -7,4 +7,4 @@\n${body}`],
    ['quoted names', `--- "a/src/shop.ts"\n+++ "b/src/shop.ts"\n@@ -7,4 +7,4 @@\n${body}`],
    [
      'time stamps',
      `--- a/src/shop.ts\t2020-01-01 10:00:00\n+++ b/src/shop.ts\t2020-01-01 10:00:01\n@@ -7,4 +7,4 @@\n${body}`,
    ],
    ['an absolute path', `--- /home/me/app/src/shop.ts\n+++ /home/me/app/src/shop.ts\n@@ -7,4 +7,4 @@\n${body}`],
    [
      'a fence and chatter',
      `Here you go:\n\n\`\`\`diff\n${head}@@ -7,4 +7,4 @@\n${body}\`\`\`\n\n- Done\n+ Nothing else\n`,
    ],
    [
      'chatter without a fence',
      `Here you go:\n\n${head}@@ -7,4 +7,4 @@\n${body}\nNote: nothing else changed.\n\n- Done\n`,
    ],
    ['chatter and no counts', `${head}@@\n${body.trimEnd()}\n\nThis should do. Tell me if it fails!\n`],
    ['a rule after it', `${head}@@ -7,4 +7,4 @@\n${body}\n---\n\nI kept it small.\n`],
    ['a tilde fence', `~~~diff\n${head}@@ -7,4 +7,4 @@\n${body}~~~\n`],
    ['an open fence', `\`\`\`diff\n${head}@@ -7,4 +7,4 @@\n${body}`],
    ['CR LF throughout', `${head}@@ -7,4 +7,4 @@\n${body}`.replaceAll('\n', '\r\n')],
    ['context without its space', `${head}@@ -7,4 +7,4 @@\n${body.replace(/^ /gm, '')}`],
    ['trailing space', `${head}@@ -7,4 +7,4 @@\n${body.replace('name\n+', 'name  \n+')}`],
    ['curly quotes', `${head}@@ -7,4 +7,4 @@\n${body.replace("'Hello, '", '‘Hello, ’')}`],
    ['no-break spaces', `${head}@@ -7,4 +7,4 @@\n${body.replace('-  return', '-\u00a0\u00a0return')}`],
    ['half the indentation', `${head}@@ -7,4 +7,4 @@\n  }\n- return 'Hello, ' + name\n+ return hello(name)\n }\n`],
    ['tabs for spaces', `${head}@@ -7,4 +7,4 @@\n \t}\n-\treturn 'Hello, ' + name\n+\treturn hello(name)\n }\n`],
    ['more indentation', `${head}@@\n       }\n-      return 'Hello, ' + name\n+      return hello(name)\n     }\n`],
    ['an elided line', `${head}@@\n   if (hour < 12) {\n   }\n-  return 'Hello, ' + name\n+  return hello(name)\n }\n`],
    [
      'an elision mark',
      `${head}@@\n   if (hour < 12) {\n     // ...\n   }\n-  return 'Hello, ' + name\n+  return hello(name)\n }\n`,
    ],
    ['an elision mark on top', `${head}@@\n ...\n-  return 'Hello, ' + name\n+  return hello(name)\n }\n`],
    [
      'reworded context',
      `${head}@@\n     return "Good morning, " + name;\n   }\n-  return 'Hello, ' + name\n+  return hello(name)\n }\n`,
    ],
    [
      'a search block',
      `src/shop.ts\n\`\`\`ts\n<<<<<<< SEARCH\n  return 'Hello, ' + name\n=======\n  return hello(name)\n>>>>>>> REPLACE\n\`\`\`\n`,
    ],
    [
      'a search block with a line number',
      `src/shop.ts\n<<<<<<< SEARCH>\n:start_line:8\n-------\n  return 'Hello, ' + name\n=======\n  return hello(name)\n>>>>>>> REPLACE\n`,
    ],
    ['V4A', `*** Begin Patch\n*** Update File: src/shop.ts\n@@ export function greet\n${body}*** End Patch\n`],
    ['the whole file', `**src/shop.ts**\n\n\`\`\`ts\n${swapped}\`\`\`\n`],
  ])('%s', (_, text) => {
    expect(applied(text)).toEqual({ 'src/shop.ts': swapped })
  })
})

describe('what cannot be proven is refused, with its reason', () => {
  const twice = 'a {\n  x\n}\nb {\n  x\n}\n'
  test.each<[string, string, ProblemCode, Record<string, string>?]>([
    ['prose', 'I would rename the function.', 'prose-only'],
    ['an empty answer', '  \n', 'no-edit'],
    ['code without a path', '```ts\nconst x = 1\n```\n', 'no-edit'],
    ['two fitting places', '--- a/f\n+++ b/f\n@@\n-  x\n+  y\n', 'ambiguous', { f: twice }],
    ['a number between two places', '--- a/f\n+++ b/f\n@@ -4,1 +4,1 @@\n-  x\n+  y\n', 'ambiguous', { f: twice }],
    ['two places at another indentation', '--- a/f\n+++ b/f\n@@\n-x\n+y\n', 'ambiguous', { f: twice }],
    ['a line that is not there', `${head}@@\n   }\n-  return 'Hi, ' + name\n+  return 'Ho'\n }\n`, 'not-found'],
    [
      'a removed line without its semicolon',
      '--- a/f\n+++ b/f\n@@\n a();\n-b()\n+c();\n',
      'not-found',
      { f: 'a();\nb();\n' },
    ],
    ['an insertion without context', `${head}@@ @@\n+const x = 1\n`, 'uncertain-insert-point'],
    [
      'an insertion beside an elided line',
      `${head}@@\n   if (hour < 12) {\n+    wake()\n   }\n   return 'Hello, ' + name\n`,
      'uncertain-insert-point',
    ],
    ['a change that is there already', `${head}@@\n   close()\n+  return 'Bye, ' + name\n`, 'already-applied'],
    ['two hunks on one line', `${head}@@\n-  close()\n+  shut()\n@@\n-  close()\n+  lock()\n`, 'overlap'],
    ['a missing file', '--- a/src/shop.js\n+++ b/src/shop.js\n@@\n-a\n+b\n', 'missing-file'],
    ['an existing file created', `--- /dev/null\n+++ b/src/shop.ts\n@@ -0,0 +1 @@\n+x\n`, 'file-exists'],
    ['insertion at 0,0 into an existing file', `${head}@@ -0,0 +1 @@\n+x\n`, 'uncertain-insert-point'],
    [
      'a deletion that quotes something else',
      '--- a/f\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-a\n-c\n',
      'delete-mismatch',
      { f: 'a\nb\n' },
    ],
    [
      'a deletion that quotes a part',
      '--- a/f\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n',
      'delete-mismatch',
      { f: 'a\nb\n' },
    ],
    ['an emptied file', '--- a/f\n+++ b/f\n@@ -1 +0,0 @@\n-a\n', 'uncertain-deletion', { f: 'a\n' }],
    ['an omission', `${head}@@\n-  close()\n+  // ... rest of the function unchanged ...\n`, 'placeholder'],
    [
      'a rename',
      'diff --git a/src/shop.ts b/src/b.ts\nsimilarity index 100%\nrename from src/shop.ts\nrename to src/b.ts\n',
      'rename-unsupported',
    ],
    ['a changed mode', 'diff --git a/src/shop.ts b/src/shop.ts\nold mode 100644\nnew mode 100755\n', 'mode-change'],
    [
      'a new link',
      'diff --git a/l b/l\nnew file mode 120000\n--- /dev/null\n+++ b/l\n@@ -0,0 +1 @@\n+/etc\n',
      'symlink',
    ],
    ['a binary patch', 'diff --git a/f b/f\nBinary files a/f and b/f differ\n', 'binary', { f: 'a\n' }],
    ['a block without end', 'src/shop.ts\n<<<<<<< SEARCH\n  close()\n=======\n', 'truncated'],
    ['a patch without end', '*** Begin Patch\n*** Update File: src/shop.ts\n-  close()\n', 'truncated'],
    ['half a file', `src/shop.ts\n\`\`\`ts\nx\n\`\`\`\n`, 'truncated', { 'src/shop.ts': 'line\n'.repeat(30) }],
    ['a change to the same', `${head}@@\n-  close()\n+  close()\n`, 'no-change'],
  ])('%s', (_, text, code, contents) => {
    expect(codes(text, contents)).toContain(code)
  })

  test.each([
    '../x',
    'a/../../x',
    'src/../../x',
    '/etc/hosts',
    '/tmp/x',
    '\\\\host\\share\\x',
    'C:\\x',
    '..\\x',
    '.git/config',
    '.GIT/hooks/x',
    'src/.git/config',
    '.git./config',
    '~/x',
    'a//etc/x',
  ])('the path %s', path => {
    expect(codes(`--- /dev/null\n+++ ${path}\n@@ -0,0 +1 @@\n+x\n`)).toEqual(['path-escapes'])
    expect(
      codes(
        `--- a/src/shop.ts\n+++ b/src/shop.ts\n@@\n-  close()\n+  shut()\n--- /dev/null\n+++ b/${path}\n@@ -0,0 +1 @@\n+x\n`,
      ),
    ).toEqual(['path-escapes'])
  })

  test('binary files, links and submodules, and what lies below them', () => {
    const kinds = { b: 'binary', l: 'symlink', s: 'submodule' } as const
    const files: SourceTree = {
      get: (path): SourceFile | undefined =>
        path === 'b' || path === 'l' || path === 's' ? { path, kind: kinds[path] } : undefined,
      paths: () => Object.keys(kinds),
    }
    const refusal = (text: string) => {
      const result = applyEdit({ files, text })
      return result.ok ? [] : result.problems.map(problem => problem.code)
    }
    for (const [path, kind] of Object.entries(kinds))
      expect(refusal(`--- a/${path}\n+++ b/${path}\n@@\n-a\n+b\n`)).toEqual([kind])
    expect(refusal('--- /dev/null\n+++ b/l/x\n@@ -0,0 +1 @@\n+x\n')).toEqual(['symlink'])
  })
})

describe('ties are broken by proof', () => {
  const lines = Array.from({ length: 40 }, (_, i) => (i % 4 === 1 ? '  same' : i % 4 === 3 ? '' : `line ${i}`))
  const file = `${lines.join('\n')}\n`
  const changed = (...at: number[]) => `${lines.map((line, i) => (at.includes(i) ? '  other' : line)).join('\n')}\n`
  test.each<[string, string, string]>([
    ['by a number that fits exactly', '@@ -6 +6 @@\n-  same\n+  other\n', changed(5)],
    ['by neighbours', '@@\n-line 4\n+line 4\n-  same\n+  other\n line 6\n', changed(5)],
    [
      'between proven hunks',
      '@@\n-line 4\n+line four\n@@\n-  same\n+  other\n@@\n-line 6\n+line six\n',
      changed(5).replace('line 4\n', 'line four\n').replace('line 6\n', 'line six\n'),
    ],
  ])('%s', (_, hunks, after) => {
    expect(applied(`--- a/f\n+++ b/f\n${hunks}`, { f: file })).toEqual({ f: after })
  })

  test('as many equal hunks as places take all of them', () => {
    const text = `--- a/f\n+++ b/f\n${'@@\n-x\n+y\n'.repeat(2)}`
    expect(applied(text, { f: 'x\na\nx\n' })).toEqual({ f: 'y\na\ny\n' })
  })

  test('by the block that the heading names', () => {
    const file = 'function a() {\n  stop()\n}\n\nfunction b() {\n  stop()\n}\n'
    expect(applied('--- a/f\n+++ b/f\n@@ function b() @@\n-  stop()\n+  go()\n', { f: file })).toEqual({
      f: file.replace(/stop(?!.*stop)/s, 'go'),
    })
  })

  test('numbers that are really those of the new file', () => {
    const text = '--- a/f\n+++ b/f\n@@ -1,1 +1,3 @@\n-line 0\n+a\n+b\n+c\n@@ -8,1 +8,1 @@\n-  same\n+  other\n'
    expect(applied(text, { f: file })).toEqual({ f: changed(5).replace('line 0', 'a\nb\nc') })
  })

  test('not by a number, when another hunk shows that the numbers are off', () => {
    const text = '--- a/f\n+++ b/f\n@@ -3 +3 @@\n-line 0\n+line nought\n@@ -6 +6 @@\n-  same\n+  other\n'
    expect(codes(text, { f: file })).toEqual(['ambiguous'])
  })
})
