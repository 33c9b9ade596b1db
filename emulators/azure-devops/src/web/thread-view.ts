import type { PageComment, PagePullRequest, PageThread, PageUser } from '../page-model.ts'
import { type Child, type Html, html } from './html.ts'
import { markdown } from './markdown.ts'
import type { PageView } from './page-layout.ts'
import { ago, avatar } from './people.ts'

const statusNames: Record<PageThread['status'], string> = {
  active: 'Active',
  pending: 'Pending',
  fixed: 'Resolved',
  wontFix: 'Won’t fix',
  closed: 'Closed',
  byDesign: 'By design',
  unknown: '',
}

/** Threads with the latest activity first, as Azure DevOps orders them. */
export function latestFirst(threads: PageThread[]): PageThread[] {
  const latest = ({ publishedAt, comments }: PageThread) =>
    [publishedAt, ...comments.map(comment => comment.publishedAt)].sort().at(-1) ?? ''
  return [...threads].sort((a, b) => latest(b).localeCompare(latest(a)) || b.id - a.id)
}

export function threadView(view: PageView, pr: PagePullRequest, thread: PageThread): Html {
  const [first] = thread.comments
  if (first?.kind === 'system') return systemThread(view, thread, first)
  const done = thread.status !== 'active' && thread.status !== 'pending' && thread.status !== 'unknown'
  return html`<article class="thread card${done && ' done'}" id="thread-${thread.id}" data-key="thread-${thread.id}" aria-label="Thread by ${first?.author.displayName ?? 'nobody'}">
    ${thread.context && html`<p class="place"><a href="${view.links.tab(pr, 'files')}">${thread.context.path}</a> ${lines(thread.context)}</p>`}
    <div class="comments">${thread.comments.map(comment => commentView(view, { pr, thread, comment }))}</div>
    ${threadForms(view, pr, thread)}
  </article>`
}

function lines({ startLine, endLine }: NonNullable<PageThread['context']>): string {
  return startLine === endLine ? `line ${startLine}` : `lines ${startLine}–${endLine}`
}

function systemThread(view: PageView, thread: PageThread, comment: PageComment): Html {
  return html`<div class="system" data-key="thread-${thread.id}">${avatar(comment.author)}
    <span>${comment.content}</span> ${ago(comment.publishedAt, view.now)}</div>`
}

type InThread = { pr: PagePullRequest; thread: PageThread; comment: PageComment }

function commentView(view: PageView, { pr, thread, comment }: InThread): Html {
  const { author } = comment
  const body = comment.isDeleted
    ? html`<p class="deleted">This comment was deleted.</p>`
    : html`<div class="markdown">${markdown(comment.content, view.markdownLinks)}</div>`
  const mine = author.id === view.user.id && !comment.isDeleted
  return html`<section class="comment${comment.parentId === 0 && ' first'}" id="comment-${thread.id}-${comment.id}" data-key="comment-${comment.id}" aria-label="Comment by ${author.displayName}">
    ${avatar(author)}
    <div class="said">
      <p class="by"><strong>${author.displayName}</strong> <a class="when" href="${view.links.thread(pr, thread.id)}">${ago(comment.publishedAt, view.now)}</a>${comment.editedAt && !comment.isDeleted && html` <span class="when">· edited</span>`}${likes(comment.likedBy)}</p>
      ${body}
      ${mine && ownComment(view, { pr, thread, comment })}
    </div>
  </section>`
}

function likes(people: PageUser[]): Child {
  return (
    people.length > 0 &&
    html` <span class="likes" title="${people.map(person => person.displayName).join(', ')}">👍 ${people.length}</span>`
  )
}

function ownComment(view: PageView, { pr, thread, comment }: InThread): Html {
  const action = `/_page/pull-requests/${pr.id}/threads/${thread.id}/comments/${comment.id}`
  return html`<details class="own"><summary>Edit</summary>
    <form method="post" action="${action}" data-keep>
      ${back(view)}
      <label>Edit comment<textarea name="content" rows="4" required>${comment.content}</textarea></label>
      <p class="alert" role="alert"></p>
      <div class="buttons"><button class="primary">Save</button><button name="delete" value="yes" formnovalidate>Delete comment</button></div>
    </form></details>`
}

function threadForms(view: PageView, pr: PagePullRequest, thread: PageThread): Html {
  const action = `/_page/pull-requests/${pr.id}/threads/${thread.id}`
  const options = Object.entries(statusNames)
    .filter(([status]) => status !== 'unknown')
    .map(
      ([status, name]) =>
        html`<option value="${status}"${status === thread.status && html` selected`}>${name}</option>`,
    )
  return html`<div class="thread-forms">
    <details class="reply"><summary>Write a reply…</summary>
      <form method="post" action="${action}/comments" data-keep>
        ${back(view)}
        <label><span class="hidden">Reply</span><textarea name="content" rows="3" required placeholder="Reply, or /cancel a run"></textarea></label>
        <p class="alert" role="alert"></p>
        <div class="buttons"><button class="primary">Reply</button></div>
      </form></details>
    <form class="thread-status" method="post" action="${action}/status">
      ${back(view)}
      <select aria-label="Status of the thread" name="status" data-submit>${thread.status === 'unknown' && html`<option value="active" selected>No status</option>`}${options}</select>
      <button class="script-less">Set</button>
    </form></div>`
}

/** A new thread: about the pull request, or about lines of a file. */
export function commentBox(view: PageView, pr: PagePullRequest, at?: { path: string }): Html {
  const place =
    at &&
    html`<input type="hidden" name="path" value="${at.path}">
      <div class="line-range"><label>From line <input name="startLine" type="number" min="1" value="1" required></label>
      <label>to line <input name="endLine" type="number" min="1"></label></div>`
  return html`<form class="comment-box" method="post" action="/_page/pull-requests/${pr.id}/comments" data-keep>
    ${back(view)}${place}
    <label><span class="hidden">Comment</span><textarea name="content" rows="3" required placeholder="/edit /3 make the buttons red"></textarea></label>
    <p class="alert" role="alert"></p>
    <div class="buttons"><button class="primary">Comment</button><span class="hint">as ${view.user.displayName} · <kbd>Ctrl</kbd> <kbd>Enter</kbd> · <code>/edit /3 …</code> asks for three drafts, <code>/help</code> explains</span></div>
  </form>`
}

function back(view: PageView): Html {
  return html`<input type="hidden" name="back" value="${view.path}">`
}
