import type { StepName } from '@code-agent/jobs/steps'

/** What a step does, as a reader says it; `doing` while it is at it. */
export const stepWords: Record<StepName, { does: string; doing: string }> = {
  'admit-run': { does: 'Read the request', doing: 'Reading the request and the right to ask' },
  'plan-run': { does: 'Plan the ways', doing: 'Planning how the variants differ' },
  'reserve-branch': { does: 'Check the branch name', doing: 'Checking the branch name' },
  'write-patch': { does: 'Write the patch', doing: 'Writing the patch' },
  'commit-patch': { does: 'Push the commit', doing: 'Pushing the commit' },
  'open-draft-pr': { does: 'Open the draft', doing: 'Opening the draft' },
  'announce-variant': { does: 'Tell the thread', doing: 'Telling the thread' },
  'conclude-run': { does: 'Compare the variants', doing: 'Comparing the variants' },
  'publish-overview': { does: 'Publish the overview', doing: 'Publishing the overview' },
}

/** Whom a step talks to, by its queue. */
export const parties = { ado: 'Azure DevOps', llm: 'the model', flow: 'the supervisor' } as const

/** `0.4 s`, `12.3 s`, `2 min 5 s`, `1 h 4 min` */
export function duration(ms: number): string {
  const seconds = Math.max(0, ms) / 1_000
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`
  const minutes = Math.floor(Math.round(seconds) / 60)
  if (minutes < 60) return `${minutes} min ${Math.round(seconds) - minutes * 60} s`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** `12:03:10 UTC` */
export function clock(at: Date): string {
  return `${at.toISOString().slice(11, 19)} UTC`
}

/** `25 November 2026, 12:03 UTC` */
export function dateAndTime(at: Date): string {
  const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' }).format(at)
  return `${day}, ${at.toISOString().slice(11, 16)} UTC`
}
