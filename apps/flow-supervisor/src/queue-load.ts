import type { QueueName } from '@code-agent/jobs/steps'
import { loadOf, type QueueFigures } from '@code-agent/queue/queue-figures'
import type { Gate } from '@code-agent/store/gates'

export const gateParties = ['azure-devops', 'model'] as const
export type GateParty = (typeof gateParties)[number]

/** How libs/jobs and libs/llm name their gates. */
const gatePrefix: Record<GateParty, string> = { 'azure-devops': 'azure-devops/', model: 'model:' }
const partyOf: Record<QueueName, GateParty | undefined> = { ado: 'azure-devops', llm: 'model', flow: undefined }

export function gatesOf(party: GateParty, closed: Gate[]): Gate[] {
  return closed.filter(({ gate }) => gate.startsWith(gatePrefix[party]))
}

/** A closed gate of the queue's party holds all of it: an installation has one credential, and one model for nearly everything. */
export function queueLoad(queue: QueueName, figures: QueueFigures, closed: Gate[]): number {
  const party = partyOf[queue]
  return loadOf(figures, { gateClosed: party !== undefined && gatesOf(party, closed).length > 0 })
}
