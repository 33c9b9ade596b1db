import type { PageFileDiff, PagePullRequest } from '../page-model.ts'
import { diffView, sizeOf, sizeText } from './diff-view.ts'
import type { DraftGroup } from './draft-relations.ts'
import { type Child, type Html, html } from './html.ts'
import type { PageView } from './page-layout.ts'
import { stateBadge } from './pull-request-parts.ts'

export type DraftDiffs = ReadonlyMap<number, PageFileDiff[]>

/** The drafts beside a pull request, each with its diff to unfold, and a way to compare two. */
export function draftSection(
  view: PageView,
  parent: PagePullRequest,
  drafts: { groups: DraftGroup[]; diffs: DraftDiffs },
): Child {
  if (drafts.groups.length === 0) return undefined
  return html`<section class="card drafts" data-key="drafts" aria-labelledby="drafts"><h2 id="drafts">Drafts</h2>
    ${drafts.groups.map(group => groupView(view, parent, group, drafts.diffs))}</section>`
}

function groupView(view: PageView, parent: PagePullRequest, group: DraftGroup, diffs: DraftDiffs): Html {
  const [first, second] = group.drafts
  const compare =
    first && second && view.links.drafts(parent, { left: first.pullRequest.id, right: second.pullRequest.id })
  return html`<div class="draft-group" data-key="group-${group.name}"><h3><code>${group.name}</code>${compare && html` <a class="button" href="${compare}">Compare side by side</a>`}</h3>
    ${group.drafts.map(({ pullRequest, label }) => {
      const files = diffs.get(pullRequest.id) ?? []
      return html`<details class="draft-row" data-key="draft-${pullRequest.id}"><summary><span class="variant">${label}</span>
        <span class="grow"><a href="${view.links.pullRequest(pullRequest)}">!${pullRequest.id} ${pullRequest.title}</a></span>
        ${sizeText(sizeOf(files))} ${stateBadge(pullRequest)}</summary>
        ${diffView(files, { key: `draft-${pullRequest.id}` })}</details>`
    })}</div>`
}

export type ComparedDrafts = {
  parent: PagePullRequest
  groups: DraftGroup[]
  left: PagePullRequest
  right: PagePullRequest
  files: PageFileDiff[]
  sideBySide: boolean
}

/** Two drafts, what the one has against what the other has. */
export function comparePage(view: PageView, compared: ComparedDrafts): Html {
  const { parent, left, right, sideBySide, files } = compared
  const drafts = compared.groups.flatMap(group => group.drafts.map(draft => ({ ...draft, group: group.name })))
  const label = (id: number) => drafts.find(draft => draft.pullRequest.id === id)?.label ?? `!${id}`
  const choices = (chosen: number) =>
    drafts.map(
      ({ pullRequest, label, group }) =>
        html`<option value="${pullRequest.id}"${pullRequest.id === chosen && html` selected`}>${label} · ${group}</option>`,
    )
  const other = { left: left.id, right: right.id, view: sideBySide ? 'unified' : 'split' }
  return html`<div class="page-head"><h1>Compare drafts</h1>
      <p>of <a href="${view.links.pullRequest(parent)}">!${parent.id} ${parent.title}</a></p></div>
    <form class="compare" method="get" data-keep>
      <label>Left <select name="left" data-submit>${choices(left.id)}</select></label>
      <label>Right <select name="right" data-submit>${choices(right.id)}</select></label>
      <input type="hidden" name="view" value="${sideBySide ? 'split' : 'unified'}">
      <button class="script-less">Compare</button>
      <a class="button" href="${view.links.drafts(parent, { ...other, left: right.id, right: left.id, view: sideBySide ? 'split' : 'unified' })}">Swap</a>
      <a class="button" href="${view.links.drafts(parent, other)}">${sideBySide ? 'Unified' : 'Side by side'}</a>
      ${sizeText(sizeOf(files))}
    </form>
    ${left.sourceCommit === right.sourceCommit || files.length === 0 ? html`<p class="card empty">These two drafts are the same.</p>` : diffView(files, { key: 'compare', sideBySide, sides: { left: `${label(left.id)} · ${left.sourceBranch}`, right: `${label(right.id)} · ${right.sourceBranch}` } })}`
}
