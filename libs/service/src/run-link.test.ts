import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { linkDays, linkVerdict, type RunPass, runLink, runPass } from './run-link.ts'

const key = 'a key that nobody guesses, 32 characters'
const former = 'the key before it, as long as the other'
const run = { runId: randomUUID(), createdAt: new Date('2026-03-01T10:00:00.500Z') }
const accepted = Math.ceil(run.createdAt.getTime() / 1_000)

function passIn(link: string): RunPass {
  const url = new URL(link)
  return {
    runId: url.pathname.split('/').at(-1) ?? '',
    expires: Number(url.searchParams.get('expires')),
    signature: url.searchParams.get('signature') ?? '',
  }
}

function verdict(pass: RunPass, over: { keys?: string[]; now?: number } = {}) {
  return linkVerdict({ keys: over.keys ?? [key], pass, now: over.now ?? accepted + 60 })
}

test('a link opens its run until it expires, and then says that it has expired', () => {
  const link = runLink({ publicUrl: 'https://agent.example.com/', key }, run)
  expect(link).toMatch(
    new RegExp(`^https://agent\\.example\\.com/runs/${run.runId}\\?expires=\\d+&signature=[\\w-]{43}$`),
  )
  const pass = passIn(link)
  expect(verdict(pass)).toBe('valid')
  expect(verdict(pass, { now: accepted + linkDays * 86_400 - 1 })).toBe('valid')
  expect(verdict(pass, { now: accepted + linkDays * 86_400 })).toBe('expired')
})

test('the same run has the same link, below the path the gateway is served under', () => {
  const of = { publicUrl: 'https://example.com/code-agent', key }
  expect(runLink(of, run)).toBe(runLink(of, { ...run, createdAt: new Date(run.createdAt) }))
  expect(runLink(of, run)).toContain('https://example.com/code-agent/runs/')
})

test('nothing of a link can be changed: not the run, not the time, not a character of the signature', () => {
  const pass = runPass(key, { runId: run.runId, expires: accepted + 100 })
  expect(verdict({ ...pass, runId: randomUUID() })).toBe('wrong')
  expect(verdict({ ...pass, expires: pass.expires + 1 })).toBe('wrong')
  expect(verdict({ ...pass, expires: Number.NaN })).toBe('wrong')
  expect(verdict({ ...pass, expires: Number.POSITIVE_INFINITY })).toBe('wrong')
  for (const signature of ['', 'x', `${pass.signature}=`, pass.signature.slice(1), pass.signature.toUpperCase()])
    expect(verdict({ ...pass, signature })).toBe('wrong')
  expect(verdict(pass)).toBe('valid')
})

test('an expired link with a wrong signature is wrong, not expired: strangers learn nothing', () => {
  const pass = runPass('somebody else’s key, just as long as it', { runId: run.runId, expires: accepted - 1 })
  expect(verdict(pass)).toBe('wrong')
})

test('while the key is replaced, links of the one before work; afterwards they do not', () => {
  const old = runPass(former, { runId: run.runId, expires: accepted + 100 })
  expect(verdict(old, { keys: [key, former] })).toBe('valid')
  expect(verdict(old, { keys: [key] })).toBe('wrong')
  expect(verdict(old, { keys: [] })).toBe('wrong')
})
