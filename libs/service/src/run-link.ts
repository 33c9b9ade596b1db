import { createHmac } from 'node:crypto'
import { sameText } from './basic-authentication.ts'

/** A link works for so long after its request was accepted: a pull request is seldom talked about for longer. */
export const linkDays = 30

type LinkedRun = { runId: string; createdAt: Date }

/** `expired` is told only to whoever brings a signature that was right: strangers learn nothing from it. */
export type LinkVerdict = 'valid' | 'expired' | 'wrong'

/** What a link carries, and a cookie after it. `expires`: seconds since the epoch. */
export type RunPass = { runId: string; expires: number; signature: string }

/**
 * The address of a run's page, for whoever may read its pull request. The same run has the same link whoever writes it and
 * whenever: statuses and comments are compared with what stands there before they are written again.
 * @param of.publicUrl of the gateway, with a path if it is served under one
 */
export function runLink(of: { publicUrl: string; key: string }, { runId, createdAt }: LinkedRun): string {
  const { expires, signature } = runPass(of.key, {
    runId,
    expires: Math.ceil(createdAt.getTime() / 1_000) + linkDays * 86_400,
  })
  return `${of.publicUrl.replace(/\/+$/, '')}/runs/${runId}?expires=${expires}&signature=${signature}`
}

/** HMAC-SHA256 over what the pass is for: this one run, until then, and nothing else. */
export function runPass(key: string, { runId, expires }: Omit<RunPass, 'signature'>): RunPass {
  const signature = createHmac('sha256', key).update(`code-agent/run-page/1\n${runId}\n${expires}`).digest('base64url')
  return { runId, expires, signature }
}

/**
 * @param of.keys the one that signs now and, while it is being replaced, the one before
 * @param of.now seconds since the epoch
 */
export function linkVerdict(of: { keys: readonly string[]; pass: RunPass; now: number }): LinkVerdict {
  const { pass, now } = of
  if (!Number.isSafeInteger(pass.expires)) return 'wrong'
  // Every key is tried, so that time does not tell which of them fits.
  const fits = of.keys.map(key => sameText(runPass(key, pass).signature, pass.signature))
  if (!fits.includes(true)) return 'wrong'
  return pass.expires > now ? 'valid' : 'expired'
}
