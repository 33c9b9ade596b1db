import { startComment } from '@code-agent/command/comments'
import { namesCount } from '@code-agent/command/grammar'
import { removedWarning, visibleText } from '@code-agent/command/untrusted-text'
import type { Admission } from '@code-agent/store/admission'
import type { Run } from '@code-agent/store/read'

/** The first answer in a run's thread, and again its last form once a wait is over. `page`: where the run can be watched. */
export function startText(run: Run, admission: Admission, page: string | undefined): string {
  return startComment({
    variants: run.variantCount,
    countIsOpen: !namesCount(run.commentText),
    intent: run.intent,
    baseCommit: admission.baseCommit,
    leftOut: leftOutOf(run, admission),
    ...(page === undefined ? {} : { page }),
  })
}

/** Who reviews the drafts must know that a text said more than it showed. */
function leftOutOf({ intent }: Run, { pullRequest }: Admission): string[] {
  const texts = { 'your request': intent, 'the title': pullRequest.title, 'the description': pullRequest.description }
  return Object.entries(texts).flatMap(([from, text]) => removedWarning(from, visibleText(text).removed) ?? [])
}
