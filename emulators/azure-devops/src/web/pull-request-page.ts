import type { PageCommit, PageFileDiff, PagePullRequest, PageStatus, PageThread } from '../page-model.ts'
import { diffView, sizeOf, sizeText } from './diff-view.ts'
import type { DraftGroup } from './draft-relations.ts'
import { type DraftDiffs, draftSection } from './draft-view.ts'
import { type Child, type Html, html } from './html.ts'
import type { DiffLine } from './line-diff.ts'
import { markdown } from './markdown.ts'
import type { PageView } from './page-layout.ts'
import { ago, avatar } from './people.ts'
import { branches, reviewerList, stateBadge, statusList } from './pull-request-parts.ts'
import { commentBox, latestFirst, threadView } from './thread-view.ts'

export type PullRequestData = {
  pullRequest: PagePullRequest
  parent: PagePullRequest | undefined
  threads: PageThread[]
  statuses: PageStatus[]
  commits: PageCommit[]
  files: PageFileDiff[]
  groups: DraftGroup[]
  diffs: DraftDiffs
}

export type Tab = 'overview' | 'files' | 'commits'

export function pullRequestPage(view: PageView, data: PullRequestData, tab: Tab): Html {
  const { pullRequest: pr } = data
  const body = { overview, files: filesTab, commits: commitsTab }[tab](view, data)
  const tabs = [
    ['overview', 'Overview', data.threads.length],
    ['files', 'Files', data.files.length],
    ['commits', 'Commits', data.commits.length],
  ] as const
  return html`<div class="page-head">
      <p class="number">!${pr.id}</p><h1>${pr.title}</h1>
      <p class="facts">${stateBadge(pr)} ${avatar(pr.createdBy)} <span>${pr.createdBy.displayName} wants to merge ${branches(pr)} · ${ago(pr.createdAt, view.now)}</span></p>
      ${data.parent && html`<p class="parent">A draft beside <a href="${view.links.pullRequest(data.parent)}">!${data.parent.id} ${data.parent.title}</a></p>`}
      <nav class="tabs" aria-label="Pull request">${tabs.map(([name, label, count]) => html`<a href="${view.links.tab(pr, name)}"${name === tab && html` aria-current="page"`}>${label} <span class="count">${count}</span></a>`)}</nav>
    </div>${body}`
}

function overview(view: PageView, data: PullRequestData): Html {
  const { pullRequest: pr } = data
  return html`<div class="columns"><div class="main-column">
      <section class="card description" aria-labelledby="description"><h2 id="description">Description</h2>
        <div class="markdown">${pr.description ? markdown(pr.description, view.markdownLinks) : html`<p class="empty">No description.</p>`}</div></section>
      <section class="card" aria-label="New comment">${commentBox(view, pr)}</section>
      ${draftSection(view, pr, data)}
      <section aria-labelledby="conversation"><h2 id="conversation">Conversation</h2>
        <div class="threads">${latestFirst(data.threads).map(thread => threadView(view, pr, thread))}</div>
        ${data.threads.length === 0 && html`<p class="empty">Nothing said yet.</p>`}</section>
    </div><aside class="side-column" aria-label="About this pull request">
      <section class="card" aria-labelledby="checks"><h2 id="checks">Checks</h2>${statusList(view, data.statuses)}${mergeState(pr)}</section>
      <section class="card" aria-labelledby="reviewers"><h2 id="reviewers">Reviewers</h2>${reviewerList(pr.reviewers)}</section>
      ${listed(
        'Work items',
        'work-items',
        pr.workItems.map(item => `#${item}`),
      )}
      ${listed('Labels', 'labels', pr.labels)}
    </aside></div>`
}

function mergeState({ mergeStatus, status }: PagePullRequest): Child {
  if (status !== 'active' || !mergeStatus || mergeStatus === 'notSet') return undefined
  const text = {
    succeeded: 'No merge conflicts',
    conflicts: 'Merge conflicts',
    queued: 'Checking for merge conflicts…',
  }[mergeStatus]
  return html`<p class="merge"><small>${text ?? `Merge: ${mergeStatus}`}</small></p>`
}

function listed(title: string, id: string, items: string[]): Child {
  if (items.length === 0) return undefined
  return html`<section class="card" aria-labelledby="${id}"><h2 id="${id}">${title}</h2><p class="chips">${items.map(item => html`<span class="chip">${item}</span> `)}</p></section>`
}

function filesTab(view: PageView, data: PullRequestData): Html {
  const { pullRequest: pr, files, threads } = data
  const below = (path: string, line: DiffLine) => {
    const here = threads.filter(({ context }) => context && isAt(context, path, line))
    return (
      here.length > 0 &&
      html`<tr class="talk"><td colspan="3">${here.map(thread => threadView(view, pr, thread))}</td></tr>`
    )
  }
  const tools = (file: PageFileDiff) =>
    file.change !== 'delete' &&
    !file.binary &&
    html`<details class="comment-on" data-key="comment-on"><summary>Comment on lines</summary>${commentBox(view, pr, { path: file.path })}</details>`
  return html`<h2 class="hidden">Files</h2><p class="total">${sizeText(sizeOf(files))}</p>${diffView(files, { key: 'file', below, tools })}`
}

function isAt(context: NonNullable<PageThread['context']>, path: string, line: DiffLine): boolean {
  const same = (name: string) => name.replace(/^\/+/, '')
  const number = context.side === 'left' ? line.before : line.after
  return same(context.path) === same(path) && number === context.endLine
}

function commitsTab(view: PageView, { pullRequest: pr, commits }: PullRequestData): Html {
  const rows = commits.map(
    commit => html`<li data-key="${commit.id}"><span class="grow"><a class="title" href="${view.links.commit(pr, commit.id)}">${commit.message.split('\n')[0]}</a><br>
      <small>${commit.authorName} · ${ago(commit.authoredAt, view.now)}</small></span> <code>${commit.id.slice(0, 8)}</code></li>`,
  )
  return html`<h2 class="hidden">Commits</h2>${rows.length > 0 ? html`<ul class="plain card rows">${rows}</ul>` : html`<p class="card empty">No commits.</p>`}`
}

/** One commit against its first parent. */
export function commitPage(
  view: PageView,
  at: { project: string; repository: string },
  found: { commit: PageCommit; files: PageFileDiff[] },
): Html {
  const { commit, files } = found
  const [subject = '', ...rest] = commit.message.trimEnd().split('\n')
  const body = rest.join('\n').trim()
  return html`<div class="page-head"><p class="number">Commit <code>${commit.id.slice(0, 8)}</code></p><h1>${subject}</h1>
      <p class="facts">${commit.authorName} &lt;${commit.authorEmail}&gt; · ${ago(commit.authoredAt, view.now)}</p></div>
    <section class="card" aria-label="Message and parents">${body && html`<pre class="message">${body}</pre>`}
      <p><small>Commit <code>${commit.id}</code>${commit.parents.map(parent => html` · parent <a href="${view.links.commit(at, parent)}"><code>${parent.slice(0, 8)}</code></a>`)}</small></p></section>
    <h2 class="hidden">Files</h2><p class="total">${sizeText(sizeOf(files))}</p>${diffView(files, { key: 'commit' })}`
}
