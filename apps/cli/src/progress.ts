import type { Run } from '@code-agent/store/read'

/** Says each thing once, when it has become so. */
export function progressOf(say: (line: string) => void, pageOf: (run: Run) => string): (run: Run) => void {
  const said = new Set<string>()
  const once = (line: string) => {
    if (said.has(line)) return
    said.add(line)
    say(line)
  }
  return run => {
    once(
      `accepted   ${run.variantCount} ${run.variantCount === 1 ? 'variant' : 'variants'}: ${run.intent.split('\n')[0]}`,
    )
    once(`watch it   ${pageOf(run)}`)
    if (run.admission) once(`admitted   on ${run.admission.baseCommit.slice(0, 8)} of ${run.admission.sourceBranch}`)
    if (run.variants.some(variant => variant.strategy))
      for (const variant of run.variants) once(`planned    v${variant.variant}: ${variant.strategy?.name ?? ''}`)
    for (const variant of run.variants) {
      if (variant.commit) once(`committed  v${variant.variant}: ${variant.branch} at ${variant.commit.slice(0, 8)}`)
      if (variant.outcome === 'done')
        once(`done       v${variant.variant}: draft pull request ${variant.pullRequestId}`)
      if (variant.outcome === 'failed') once(`failed     v${variant.variant}: ${variant.reason}`)
    }
    if (run.state === 'ended') once(`ended      ${run.outcome}`)
  }
}
