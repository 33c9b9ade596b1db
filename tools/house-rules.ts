import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

type Rule = { says: string; applies(path: string): boolean; breaks(text: string, path: string): boolean }

const isSource = (path: string) => /\.(ts|mjs)$/.test(path)
const isTest = (path: string) => /\.test\.ts$|\/test-[^/]+\.ts$/.test(path)

const rules: Rule[] = [
  {
    says: 'a file is a concept and bears its name: no index, utils, helpers, common, types',
    applies: isSource,
    breaks: (_text, path) =>
      /^(index|utils?|helpers?|commons?|types|misc|shared)\.(test\.)?(ts|mjs)$/.test(basename(path)),
  },
  {
    says: 'file names are kebab-case',
    applies: isSource,
    breaks: (_text, path) => !/^\.?[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$/.test(basename(path)),
  },
  {
    says: 'no module-level let: state lives in what a factory returns',
    applies: path => isSource(path) && !isTest(path) && /^(apps|bull-board|emulators|libs)\//.test(path),
    breaks: text => /^(export )?let /m.test(text),
  },
  {
    says: 'no barrel: import from the file that has it',
    applies: isSource,
    breaks: text => /^export \* from /m.test(text),
  },
  {
    says: 'tests use real parts, not vi.mock',
    applies: isTest,
    breaks: text => /^\s*vi\.(mock|doMock)\(/m.test(text),
  },
  {
    says: 'no test runs alone or is left out in silence: no .only',
    applies: isTest,
    breaks: text => /^\s*(test|it|describe)\.only\(/m.test(text),
  },
]

/** Every file git knows or would know, below `root`. */
async function sourceFiles(root: string): Promise<string[]> {
  const { stdout } = await run('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root })
  return stdout.split('\0').filter(path => path !== '')
}

/** The rules of the house that no other tool knows: `path: rule`, one each, and how many files were read. */
export async function readHouseRules(root: string): Promise<{ files: number; violations: string[] }> {
  const violations: string[] = []
  const paths = (await sourceFiles(root)).filter(path => rules.some(rule => rule.applies(path)))
  for (const path of paths) {
    // A file may be in git's index and just deleted.
    const text = await readFile(join(root, path), 'utf8').catch(() => '')
    for (const rule of rules) {
      if (rule.applies(path) && rule.breaks(text, path)) violations.push(`${path}: ${rule.says}`)
    }
  }
  return { files: paths.length, violations }
}
