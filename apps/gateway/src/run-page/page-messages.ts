import { linkDays } from '@code-agent/service/run-link'
import type { FastifyReply } from 'fastify'
import { type Child, html } from './html.ts'
import { messagePage, type PageFrame } from './page-layout.ts'

export type Messages = ReturnType<typeof messages>

/** The answers that are no run. */
export function messages(frame: PageFrame, { operators }: { operators: boolean }) {
  const send = (reply: FastifyReply, status: number, title: string, text: Child) =>
    reply.code(status).type('text/html; charset=utf-8').send(messagePage(frame, { title, text }))
  const signIn = (runId: string | undefined) =>
    operators &&
    html`<p>If you operate this service: <a href="${frame.base}/runs/sign-in${runId && `?run=${runId}`}" rel="nofollow">sign in</a>.</p>`

  return {
    /** The same for a run that there is not, and for whoever may not see one that there is. */
    nothing: (reply: FastifyReply, runId: string | undefined) =>
      send(reply, 404, 'Nothing to see here', [
        html`<p>There is no such run, or you came without its link. The whole link stands in the status on the pull request, and in the
first comment of the run.</p>`,
        signIn(runId || undefined),
      ]),
    late: (reply: FastifyReply) =>
      send(reply, 410, 'This link has expired', [
        html`<p>Links to runs work for ${linkDays} days. What became of this one still stands in its thread on the pull request.</p>`,
        signIn(undefined),
      ]),
    challenge: (reply: FastifyReply) =>
      send(
        reply.header('www-authenticate', 'Basic realm="Code Agent", charset="UTF-8"'),
        401,
        'Sign in',
        html`<p>This needs the user name and password of those who operate the service (OPS_USERNAME, OPS_PASSWORD).</p>`,
      ),
    signedIn: (reply: FastifyReply) =>
      send(
        reply,
        200,
        'You are signed in',
        html`<p>Open the page of any run now: its address is this one’s with <code>/runs/</code> and the run’s id, as <code>npm run runs -- list --json</code> tells it.</p>`,
      ),
    foreignForm: (reply: FastifyReply) =>
      send(
        reply,
        403,
        'Not from here',
        html`<p>This was not sent by the run’s own page. Open that page and try again.</p>`,
      ),
    overAlready: (reply: FastifyReply, back: string) =>
      send(
        reply,
        409,
        'Too late',
        html`<p>The run has ended, or is ending already. <a href="${back}">Back to it</a>.</p>`,
      ),
    trouble: (reply: FastifyReply) =>
      send(
        reply.header('retry-after', '5'),
        503,
        'Not at the moment',
        html`<p>The run itself goes on; only its page cannot be shown just now. Try again in a moment.</p>`,
      ),
  }
}
