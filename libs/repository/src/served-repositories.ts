import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** Repositories for tests, served by git's own HTTP backend. */
export type ServedRepositories = {
  url: string
  /** of each request, oldest first; POSTs are fetches */
  requests: { method: string; path: string; authorization: string | undefined }[]
  /** answers every request from now on with this status, or never; undefined serves again */
  refuse(status: number | 'silence' | undefined): void
  /** a bare repository; `commit` writes files over those there (null deletes) and returns the commit's id */
  repository(name: string, settings?: Record<string, string>): TestRepository
  stop(): Promise<void>
}

export type TestRepository = {
  cloneUrl: string
  gitDir: string
  commit(files: Record<string, string | Buffer | null>, options?: { parent?: string }): string
  git(...args: string[]): string
}

const environment = {
  PATH: '/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'Ann',
  GIT_AUTHOR_EMAIL: 'ann@example.com',
  GIT_COMMITTER_NAME: 'Ann',
  GIT_COMMITTER_EMAIL: 'ann@example.com',
}

export async function servedRepositories(): Promise<ServedRepositories> {
  const root = mkdtempSync(join(tmpdir(), 'served-repositories-'))
  const requests: ServedRepositories['requests'] = []
  let refusal: number | 'silence' | undefined
  const server = createServer((request, response) => {
    const { method = '', url = '', headers } = request
    requests.push({ method, path: url, authorization: headers.authorization })
    if (refusal === 'silence') return
    if (refusal === undefined) serve(root, request, response)
    else
      response
        .writeHead(refusal, { location: 'http://127.0.0.1:1/elsewhere', 'content-type': 'text/html' })
        .end('<html>')
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address() as AddressInfo
  const url = `http://127.0.0.1:${address.port}`
  return {
    url,
    requests,
    refuse(status) {
      refusal = status
    },
    repository: (name, settings) => testRepository(join(root, name), `${url}/${encodeURIComponent(name)}`, settings),
    async stop() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
      rmSync(root, { recursive: true, force: true })
    },
  }
}

function testRepository(
  gitDir: string,
  cloneUrl: string,
  settings: Record<string, string> = { 'uploadpack.allowFilter': 'true' },
): TestRepository {
  const workTree = `${gitDir}.work`
  mkdirSync(workTree, { recursive: true })
  const git = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync('git', args, {
      cwd: workTree,
      env: { ...environment, GIT_DIR: gitDir, GIT_WORK_TREE: workTree },
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    })
    if (status !== 0) throw new Error(`git ${args.join(' ')}: ${stderr}`)
    return stdout.trim()
  }
  git('init', '--quiet', '--initial-branch=main')
  for (const [key, value] of Object.entries({ 'core.autocrlf': 'false', 'gc.auto': '0', ...settings }))
    git('config', key, value)
  return {
    cloneUrl,
    gitDir,
    git,
    commit(files, { parent } = {}) {
      if (parent) git('checkout', '--quiet', '--detach', parent)
      for (const [path, content] of Object.entries(files)) {
        const file = join(workTree, path)
        mkdirSync(dirname(file), { recursive: true })
        if (content === null) rmSync(file)
        else writeFileSync(file, content)
      }
      git('add', '--all')
      git('commit', '--quiet', '--allow-empty', '--message', 'a change')
      const id = git('rev-parse', 'HEAD')
      git('update-ref', `refs/heads/kept-${id}`, id)
      return id
    },
  }
}

/** git http-backend is a CGI program: headers, an empty line, the body. */
function serve(root: string, request: IncomingMessage, response: ServerResponse): void {
  const { pathname, search } = new URL(request.url ?? '/', 'http://localhost')
  const child = spawn('git', ['http-backend'], {
    env: {
      ...environment,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: decodeURIComponent(pathname),
      QUERY_STRING: search.slice(1),
      REQUEST_METHOD: request.method ?? 'GET',
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: String(request.headers['content-encoding'] ?? ''),
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
    },
  })
  request.pipe(child.stdin)
  child.stdin.on('error', () => undefined)
  let head: Buffer | undefined = Buffer.alloc(0)
  child.stdout.on('data', (chunk: Buffer) => {
    if (!head) return response.write(chunk)
    head = Buffer.concat([head, chunk])
    const end = head.indexOf('\r\n\r\n')
    if (end === -1) return
    for (const line of head.subarray(0, end).toString().split('\r\n')) {
      const [name = '', value = ''] = line.split(/: (.*)/)
      if (name === 'Status') response.statusCode = Number.parseInt(value, 10)
      else response.setHeader(name, value)
    }
    response.write(head.subarray(end + 4))
    head = undefined
  })
  child.stdout.on('end', () => response.end())
}
