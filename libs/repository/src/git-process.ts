import { spawn } from 'node:child_process'

export type GitEnvironment = {
  /** What git and its helpers inherit: PATH, proxy and certificate settings. Nothing of our own environment leaks into it. */
  inherited: Record<string, string>
  /** `file:` repositories are for tests and the demo; a server's URL must never reach the worker's own disk. */
  allowFile: boolean
}

/** One configuration line of git, passed in its environment: neither argv nor a file ever holds it. */
export type GitSetting = readonly [key: string, value: string]

export type GitCall = {
  args: string[]
  gitDir?: string
  settings?: GitSetting[]
  input?: string
  signal?: AbortSignal | undefined
  /** stop git after this many bytes of output; the result then says `truncated` */
  maxBytes?: number
  /** exit codes that are an answer rather than a failure, 0 always is */
  answers?: number[]
}

export type GitResult = { stdout: Buffer; code: number; truncated: boolean }
export type Git = (call: GitCall) => Promise<GitResult>

/** git ended with an exit code that is no answer. The message quotes its stderr, which holds no credential: git never saw one outside its environment. */
export class GitFailed extends Error {
  override name = 'GitFailed'
  readonly code: number | null
  readonly stderr: string
  constructor(verb: string, code: number | null, stderr: string) {
    super(`git ${verb} failed${code === null ? '' : ` with exit code ${code}`}: ${stderr.trim().slice(0, 2000)}`)
    this.code = code
    this.stderr = stderr
  }
}

const always: GitSetting[] = [
  ['core.hooksPath', '/dev/null'],
  ['core.quotePath', 'false'],
  ['core.fsmonitor', 'false'],
  ['credential.helper', ''],
  ['http.followRedirects', 'false'],
  // A stalled connection ends by itself: git has no other timeout.
  ['http.lowSpeedLimit', '1000'],
  ['http.lowSpeedTime', '30'],
  // gc prunes what a parallel fetch has just brought and not yet pinned.
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
  ['fetch.writeCommitGraph', 'false'],
  ['advice.detachedHead', 'false'],
  ['protocol.version', '2'],
]

/** @returns a function that runs git with a closed environment: no prompts, hooks, redirects, user or system configuration. */
export function gitProcess(environment: GitEnvironment): Git {
  const base = {
    PATH: '/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin',
    ...environment.inherited,
    LC_ALL: 'C.UTF-8',
    HOME: '/nonexistent',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: '0',
    // What is missing is fetched by us, in one go. Against a server that answers with a page git would even fetch without end.
    GIT_NO_LAZY_FETCH: '1',
    GIT_LITERAL_PATHSPECS: '1',
    GIT_ALLOW_PROTOCOL: environment.allowFile ? 'http:https:file' : 'http:https',
  }
  return call => runGit({ ...base, ...settingsAsEnvironment([...always, ...(call.settings ?? [])]) }, call)
}

function settingsAsEnvironment(settings: GitSetting[]): Record<string, string> {
  const lines = settings.flatMap(([key, value], at) => [
    [`GIT_CONFIG_KEY_${at}`, key],
    [`GIT_CONFIG_VALUE_${at}`, value],
  ])
  return { GIT_CONFIG_COUNT: String(settings.length), ...Object.fromEntries(lines) }
}

function runGit(env: Record<string, string>, call: GitCall): Promise<GitResult> {
  const verb = call.args[0] ?? ''
  const { signal, maxBytes = Number.POSITIVE_INFINITY } = call
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const child = spawn('git', call.args, {
      env: call.gitDir === undefined ? env : { ...env, GIT_DIR: call.gitDir },
      stdio: 'pipe',
    })
    const chunks: Buffer[] = []
    let bytes = 0
    let stderr = ''
    const stop = () => {
      child.kill('SIGTERM')
      reject(signal?.reason)
    }
    signal?.addEventListener('abort', stop, { once: true })
    child.stdout.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      bytes += chunk.length
      if (bytes > maxBytes) child.kill('SIGTERM')
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (stderr.length < 64_000) stderr += text
    })
    // git may end before it has read its input; the exit code tells the story then.
    child.stdin.on('error', () => undefined)
    child.stdin.end(call.input ?? '')
    child.on('error', cause => {
      signal?.removeEventListener('abort', stop)
      reject(new Error('git could not be started: is it installed and on the PATH?', { cause }))
    })
    child.on('close', code => {
      signal?.removeEventListener('abort', stop)
      const stdout = Buffer.concat(chunks)
      if (bytes > maxBytes) resolve({ stdout: stdout.subarray(0, maxBytes), code: 0, truncated: true })
      else if (code === 0 || (code !== null && call.answers?.includes(code)))
        resolve({ stdout, code, truncated: false })
      else reject(new GitFailed(verb, code, stderr))
    })
  })
}
