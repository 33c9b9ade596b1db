import type { Tracing } from './tracing.ts'

type Effect = { kind: string; number?: number; variant?: number }
type Claimed = { state: string; again?: boolean }

/** What an effect throws when it is somebody else's, not yet, or not wanted any more. */
const notNow: ReadonlySet<string> = new Set(['Postponed', 'Superseded', 'Throttled'])

/** Each effect as a span around its claim, what it does outside, and its end; for the store. */
export function effectSpans(tracing: Tracing) {
  return <T>(effect: Effect, work: (tell: (claim: Claimed) => void) => Promise<T>): Promise<T> =>
    tracing.span(
      {
        name: `effect ${effect.kind}`,
        attributes: {
          'code_agent.effect': effect.kind,
          'code_agent.effect.number': effect.number ?? 1,
          'code_agent.variant': effect.variant,
        },
        expected: error => error instanceof Error && notNow.has(error.name),
      },
      span => work(({ state, again }) => span.set({ 'code_agent.claim': state, 'code_agent.claim.again': again })),
    )
}
