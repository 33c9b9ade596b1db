import { spawn } from 'node:child_process'
import { type ObjectReader, openObjectReader } from './object-reader.ts'
import { type Slots, slots } from './slots.ts'

export class GitFailed extends Error {
  readonly exitCode: number | null
  readonly stderr: string

  constructor(args: readonly string[], exitCode: number | null, stderr: string) {
    super(`git ${args.slice(0, 3).join(' ')} ended with ${exitCode}: ${stderr.trim().slice(0, 500)}`)
    this.name = 'GitFailed'
    this.exitCode = exitCode
    this.stderr = stderr
  }
}

/** A bare repository on disk. */
export interface GitDir extends ObjectReader {
  dir: string
  /** stdout; throws {@link GitFailed} */
  run(args: readonly string[], input?: string | Buffer): Promise<Buffer>
  /** one writer at a time, so that look and change are one step */
  exclusive: Slots
}

/** Runs git anywhere; `args` come after `git`. Throws {@link GitFailed}. */
export function runGit(args: readonly string[], input?: string | Buffer): Promise<Buffer> {
  return runProgram('git', args, input)
}

/** git itself, or `env`, through which git is given variables. Throws {@link GitFailed}. */
export function runProgram(program: 'git' | 'env', args: readonly string[], input?: string | Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] })
    const out: Buffer[] = []
    const err: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
    child.on('error', cause => reject(new Error('git could not be started', { cause })))
    child.on('close', code => {
      if (code === 0) resolve(Buffer.concat(out))
      else reject(new GitFailed(args, code, Buffer.concat(err).toString()))
    })
    // a git that ends early closes its stdin; its exit code says why
    child.stdin.on('error', () => undefined)
    child.stdin.end(input)
  })
}

export function openGitDir(dir: string, processes: Slots): GitDir {
  return {
    dir,
    run: (args, input) => processes(() => runGit([`--git-dir=${dir}`, '-c', 'core.quotePath=false', ...args], input)),
    exclusive: slots(1),
    ...openObjectReader(dir),
  }
}
