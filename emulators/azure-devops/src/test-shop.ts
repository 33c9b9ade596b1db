import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { getPersonalAccessTokenHandler, WebApi } from 'azure-devops-node-api'
import type { IGitApi } from 'azure-devops-node-api/GitApi.js'
import { type AzureDevOpsEmulator, type AzureDevOpsOptions, startAzureDevOps } from './emulator.ts'

const run = promisify(execFile)

/** An emulator with project `web`, repository `shop`, branches main and feature, and pull request 1 between them. */
export interface Shop {
  azure: AzureDevOpsEmulator
  /** a folder of its own, gone at the end */
  dir: string
  git(...args: string[]): Promise<string>
  /** azure-devops-node-api as this user */
  as(user: 'alice' | 'bot' | 'reader' | { token: string }): Promise<IGitApi>
  webApi(token: string): WebApi
  /** plain HTTP below the organisation, as alice unless a token is given; JSON when there is any */
  call(
    method: string,
    path: string,
    options?: { body?: unknown; token?: string; headers?: Record<string, string> },
  ): Promise<Called>
  cloneUrl(token?: string): string
  stop(): Promise<void>
}

export interface Called {
  status: number
  headers: Headers
  text: string
  json: ReturnType<typeof JSON.parse>
}

export const main = 'refs/heads/main'
export const feature = 'refs/heads/feature'
export const repository = 'web/_apis/git/repositories/shop'

async function seed(azure: AzureDevOpsEmulator) {
  await azure.createRepository({ project: 'web', name: 'shop' })
  const at = { project: 'web', repository: 'shop' }
  const files = {
    'README.md': '# Shop\n',
    'src/button.css': '.button { color: blue; }\n',
    'src/a b#ü.txt': 'ünïcode\r\n',
  }
  await azure.commitFiles({ ...at, branch: 'main', files, message: 'Begin' })
  const edited = { 'src/button.css': '.button { color: green; }\n', 'src/new.ts': 'export const answer = 42\n' }
  await azure.commitFiles({ ...at, branch: 'feature', base: 'main', files: edited, message: 'Make it green' })
  await azure.createPullRequest({
    ...at,
    title: 'Green buttons',
    description: 'They were blue.',
    sourceBranch: 'feature',
    targetBranch: 'main',
  })
  // what comes after belongs to the test
  await until(() => azure.ledger.effects('merge-evaluated').length > 0)
}

export async function startShop(options: Omit<AzureDevOpsOptions, 'reposDir'> = {}): Promise<Shop> {
  const dir = await mkdtemp(join(tmpdir(), 'azure-devops-'))
  const azure = await startAzureDevOps({ reposDir: join(dir, 'repos'), ...options })
  await seed(azure)
  const webApi = (token: string) => new WebApi(azure.url, getPersonalAccessTokenHandler(token), { socketTimeout: 5000 })
  return {
    azure,
    dir,
    git: async (...args) => {
      const quiet = ['-c', 'user.name=Test', '-c', 'user.email=test@demo.example', '-c', 'credential.helper=']
      return (await run('git', [...quiet, ...args], { cwd: dir, maxBuffer: 2 ** 28 })).stdout
    },
    as: user => webApi(typeof user === 'string' ? azure.tokens[user] : user.token).getGitApi(),
    webApi,
    async call(method, path, { body, token = azure.tokens.alice, headers = {} } = {}) {
      const response = await fetch(`${azure.url}/${path}`, {
        method,
        redirect: 'manual',
        headers: {
          authorization: `Basic ${Buffer.from(`any:${token}`).toString('base64')}`,
          accept: 'application/json;api-version=7.1',
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      })
      const text = await response.text()
      const isJson = (response.headers.get('content-type') ?? '').includes('json') && text !== ''
      return {
        status: response.status,
        headers: response.headers,
        text,
        json: isJson ? JSON.parse(text.replace(/^﻿/, '')) : undefined,
      }
    },
    cloneUrl: (token = azure.tokens.alice) => azure.gitUrl('web', 'shop').replace('http://', `http://any:${token}@`),
    async stop() {
      await azure.close()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

/** Waits for a condition, looking every few milliseconds; throws after ten seconds. */
export async function until<T>(
  look: () => T | undefined | false | null | Promise<T | undefined | false | null>,
): Promise<T> {
  const end = Date.now() + 10_000
  while (Date.now() < end) {
    const found = await look()
    if (found) return found
    await new Promise(resolve => setTimeout(resolve, 10))
  }
  throw new Error('what was waited for did not come')
}
