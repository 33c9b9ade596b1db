import type { JsonValue } from '@code-agent/store/json'
import type { TimelineEvent } from '@code-agent/store/read'
import { type Html, html } from './html.ts'
import { duration } from './page-words.ts'
import type { Reader } from './step-trail.ts'

const kinds: Record<string, string> = {
  accepted: 'Accepted',
  dispatched: 'Handed to the queues',
  admit: 'Admitted, its base pinned',
  planned: 'Planned',
  refuse: 'Refused',
  failAdmission: 'Could not be admitted',
  cancel: 'Told to stop',
  conclude: 'Concluded',
  ended: 'Ended',
  'variant-done': 'A variant is done',
  'variant-failed': 'A variant failed',
}

/** What is written down of a run for good: every change of its state, in order. */
export function auditView(events: TimelineEvent[], of: { start: Date; reader: Reader }): Html {
  const rows = events.map(
    ({ at, kind, data }) =>
      html`<tr><td><time datetime="${at.toISOString()}">${at.toISOString().slice(0, 23).replace('T', ' ')}</time></td><td class="n">+${duration(at.getTime() - of.start.getTime())}</td><td>${kinds[kind] ?? of.reader.redact(kind)}</td><td>${detailsOf(data, of.reader)}</td></tr>`,
  )
  return html`<section class="panel" id="audit" data-live aria-labelledby="audit-title">
<details data-key="audit"><summary><h2 id="audit-title">Audit trail</h2> <span class="quiet">${events.length} entries</span></summary>
<div class="scroll" tabindex="0" role="region" aria-label="Entries of the audit trail"><table class="audit"><thead><tr><th scope="col">Time (UTC)</th><th scope="col">After</th><th scope="col">What</th><th scope="col">Details</th></tr></thead><tbody>${rows}</tbody></table></div></details>
</section>`
}

function detailsOf(data: JsonValue, { isOperator, redact }: Reader): string {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return ''
  return Object.entries(data)
    .map(([name, value]) => {
      const text = typeof value === 'string' ? value : JSON.stringify(value)
      // Who operates this is told to those who do.
      const shown = name === 'by' && !isOperator ? text.replace(/^operator .*$/s, 'an operator') : text
      return redact(`${name} ${shown}`)
    })
    .join(', ')
}
