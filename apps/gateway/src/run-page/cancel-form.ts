import { createHmac } from 'node:crypto'
import { cancelledByOperators } from '@code-agent/jobs/operator'
import { z } from 'zod'
import { type Html, html } from './html.ts'

/** What the form sends; an empty reason is the usual one. */
export const CancelForm = z.object({
  token: z.string(),
  reason: z
    .string()
    .trim()
    .max(300)
    .default('')
    .transform(reason => reason || cancelledByOperators),
})

/**
 * Only a page that was made for an operator holds it: a stranger's form, which a browser would send with the operator's
 * credentials, cannot. The same in every gateway.
 */
export function cancelToken(password: string, runId: string): string {
  return createHmac('sha256', password).update(`code-agent/cancel/1\n${runId}`).digest('base64url')
}

export function cancelView(path: string, token: string): Html {
  return html`<section class="panel steer" aria-labelledby="cancel-title"><details data-key="cancel"><summary><h2 id="cancel-title">Cancel this run</h2></summary>
<form method="post" action="${path}/cancel">
<p>It stops as after <code>/cancel</code>: no further drafts are opened, those that exist stay, and its thread says why.</p>
<label for="reason">Reason, for its thread</label>
<input id="reason" name="reason" maxlength="300" placeholder="${cancelledByOperators}" autocomplete="off">
<input type="hidden" name="token" value="${token}">
<button class="danger">Cancel the run</button>
</form></details></section>`
}
