import type { PagePullRequest, PageRepository } from '../page-model.ts'
import { type Html, html } from './html.ts'
import type { PageView } from './page-layout.ts'
import { pullRequestRow } from './pull-request-parts.ts'

/** Where a newcomer arrives: what there is, and what to do next. */
export function homePage(view: PageView, repositories: PageRepository[], active: PagePullRequest[]): Html {
  const [first] = active.filter(pr => !pr.isDraft)
  const rows = repositories.map(
    repository => html`<li data-key="repository-${repository.id}"><span class="repository-icon" aria-hidden="true"></span>
      <span class="grow"><a class="title" href="${view.links.repository(repository)}">${repository.project} / ${repository.name}</a><br>
      <small>${repository.defaultBranch ? html`<code>${repository.defaultBranch}</code>` : 'empty'} · <code class="clone">git clone ${new URL(repository.cloneUrl, view.origin).href}</code></small></span>
      <span class="count">${repository.activePullRequests} active</span></li>`,
  )
  return html`<div class="page-head"><h1>${view.model.organisation}</h1><p>An Azure DevOps for trying things: real git, nothing leaves this machine.</p></div>
    ${
      first &&
      html`<section class="card welcome" aria-labelledby="start"><h2 id="start">Start here</h2>
      <p>Open <a href="${view.links.pullRequest(first)}">!${first.id} ${first.title}</a>, comment <code>/edit /3 make the buttons red</code> and watch: three draft pull requests appear beside it.</p></section>`
    }
    <div class="columns even"><section class="card" aria-labelledby="repositories"><h2 id="repositories">Repositories</h2>
      ${rows.length > 0 ? html`<ul class="plain rows">${rows}</ul>` : html`<p class="empty">None yet.</p>`}</section>
    <section class="card" aria-labelledby="pull-requests"><h2 id="pull-requests">Active pull requests</h2>${rowsOf(view, active.slice(0, 20))}</section></div>`
}

export const listFilters = ['active', 'completed', 'abandoned', 'all'] as const
export type ListFilter = (typeof listFilters)[number]

export function pullRequestListPage(
  view: PageView,
  list: { project: string; repository: string; filter: ListFilter; pullRequests: PagePullRequest[] },
): Html {
  const tabs = listFilters.map(
    filter =>
      html`<a href="${view.links.pullRequests(list, filter)}"${filter === list.filter && html` aria-current="page"`}>${filter.charAt(0).toUpperCase()}${filter.slice(1)}</a>`,
  )
  return html`<div class="page-head"><h1>Pull requests</h1><p>${list.project} / ${list.repository}</p>
      <nav class="tabs" aria-label="Which pull requests">${tabs}</nav></div>
    <section class="card" aria-label="Pull requests">${rowsOf(view, list.pullRequests)}</section>`
}

function rowsOf(view: PageView, pullRequests: PagePullRequest[]): Html {
  if (pullRequests.length === 0) return html`<p class="empty">None here.</p>`
  return html`<ul class="plain rows">${pullRequests.map(pr => pullRequestRow(view, pr))}</ul>`
}

export function messagePage(title: string, message: string): Html {
  return html`<div class="page-head"><h1>${title}</h1></div><section class="card" aria-label="${title}"><p>${message}</p><p><a href="/">All repositories</a></p></section>`
}
