import type { PagePullRequest, PageReviewer, PageStatus } from '../page-model.ts'
import { type Child, type Html, html, safeUrl } from './html.ts'
import type { PageView } from './page-layout.ts'
import { ago, avatar } from './people.ts'

/** State, in a word: a draft is active too, but nobody calls it so. */
export function stateBadge({ status, isDraft }: PagePullRequest): Html {
  const [kind, label] =
    status === 'active' && isDraft
      ? ['draft', 'Draft']
      : [status, `${status.charAt(0).toUpperCase()}${status.slice(1)}`]
  return html`<span class="badge ${kind}">${label}</span>`
}

const statusLooks: Record<PageStatus['state'], [sign: string, name: string]> = {
  succeeded: ['✓', 'Succeeded'],
  partiallySucceeded: ['✓', 'Partly succeeded'],
  failed: ['✕', 'Failed'],
  error: ['!', 'Error'],
  pending: ['…', 'Pending'],
  notApplicable: ['–', 'Not applicable'],
  notSet: ['·', 'Not set'],
}

export function statusList(view: PageView, statuses: PageStatus[]): Html {
  if (statuses.length === 0) return html`<p class="empty">No checks yet.</p>`
  const rows = statuses.map(status => {
    const [sign, name] = statusLooks[status.state]
    const target = status.targetUrl ? safeUrl(status.targetUrl) : undefined
    const text = status.description || status.name
    return html`<li data-key="status-${status.genre}/${status.name}"><span class="state ${status.state}" role="img" aria-label="${name}">${sign}</span>
      <span>${target ? html`<a href="${target}">${text}</a>` : text}<br><small>${status.genre ? `${status.genre}/` : ''}${status.name} · ${ago(status.createdAt, view.now)}</small></span></li>`
  })
  return html`<ul class="plain statuses">${rows}</ul>`
}

const votes = new Map([
  [10, 'approved'],
  [5, 'approved with suggestions'],
  [-5, 'waits for the author'],
  [-10, 'rejected'],
])

export function reviewerList(reviewers: PageReviewer[]): Html {
  if (reviewers.length === 0) return html`<p class="empty">Nobody asked.</p>`
  const rows = reviewers.map(
    ({ user, vote }) =>
      html`<li>${avatar(user)}<span>${user.displayName}<br><small>${votes.get(vote) ?? 'no vote yet'}</small></span></li>`,
  )
  return html`<ul class="plain">${rows}</ul>`
}

export function branches({ sourceBranch, targetBranch }: PagePullRequest): Html {
  return html`<span class="branches"><code>${sourceBranch}</code> <span aria-label="into">→</span> <code>${targetBranch}</code></span>`
}

/** One line of a list of pull requests. */
export function pullRequestRow(view: PageView, pr: PagePullRequest, more?: Child): Html {
  return html`<li data-key="pull-request-${pr.id}">${avatar(pr.createdBy)}
    <span class="grow"><a class="title" href="${view.links.pullRequest(pr)}">${pr.title}</a> ${(pr.isDraft || pr.status !== 'active') && stateBadge(pr)}<br>
    <small>!${pr.id} by ${pr.createdBy.displayName} · ${branches(pr)} · ${ago(pr.createdAt, view.now)}</small>${more}</span></li>`
}
