import { Rejected } from '@code-agent/jobs/errors'
import { blockedSentence, type Judgement, judgeChanges, type PathRule } from '@code-agent/patch/path-policy'
import { textBefore } from '@code-agent/patch/text-before'
import type { Patch } from '@code-agent/store/patches'

/**
 * Asked again where the credential to push lies, whatever was decided where the patch was written.
 * @throws Rejected naming what may not be touched; then nothing of the patch is pushed
 */
export function refuseBlocked(patch: Patch, rules: readonly PathRule[]): void {
  const sentence = blockedSentence(judged(patch, rules))
  if (sentence !== undefined) throw new Rejected(sentence)
}

export function judged({ diff, changes }: Pick<Patch, 'diff' | 'changes'>, rules: readonly PathRule[]): Judgement {
  const whole = changes.map(({ path, kind, content }) => ({
    ...{ path, kind, after: content },
    before: kind === 'edit' && content !== undefined ? textBefore(diff, path, content) : undefined,
  }))
  return judgeChanges(whole, { rules })
}
