import type { PageModel, PageUser } from '../page-model.ts'
import { type Child, Html, html } from './html.ts'
import type { MarkdownLinks } from './markdown-inline.ts'
import type { PageLinks } from './page-links.ts'
import { avatar } from './people.ts'

/** What every part of a page is drawn with. */
export type PageView = {
  model: PageModel
  links: PageLinks
  markdownLinks: MarkdownLinks
  /** who comments */
  user: PageUser
  now: Date
  /** path and query of this page: where forms come back to */
  path: string
  /** scheme and host this page was asked from: what git on the reader's machine can reach */
  origin: string
  /** addresses of the page's own files, which change with their contents */
  assets: { style: string; script: string }
}

export type PageContent = {
  title: string
  breadcrumb: { label: string; href: string }[]
  /** follows changes of this pull request; null: of everything */
  live: number | null
  main: Child
}

export function page(view: PageView, content: PageContent): Html {
  const { assets, model } = view
  return new Html(
    html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${content.title}</title>
<link rel="icon" href="/_page/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="${assets.style}">
<script type="module" src="${assets.script}"></script>
</head>
<body data-live="${content.live ?? 'all'}">
<a class="skip" href="#main">Skip to content</a>
<header class="top">
  <a class="home" href="/"><span class="logo" aria-hidden="true"></span>${model.organisation}</a>
  <nav aria-label="Breadcrumb"><ol class="breadcrumb">${content.breadcrumb.map(({ label, href }) => html`<li><a href="${href}">${label}</a></li>`)}</ol></nav>
  <span class="emulated" title="Nothing here leaves this machine">Emulator</span>
  <span class="live" data-keep role="status"></span>
  ${userSwitch(view)}
</header>
<main id="main" tabindex="-1">${content.main}</main>
<p class="hidden" id="announcer" role="status" data-keep></p>
</body>
</html>
`.text,
  )
}

function userSwitch({ model, user, path }: PageView): Html {
  const options = model
    .users()
    .map(
      ({ name, displayName }) =>
        html`<option value="${name}"${name === user.name && html` selected`}>${displayName}</option>`,
    )
  return html`<form class="user" method="post" action="/_page/user" data-keep>
    ${avatar(user)}
    <label class="hidden" for="user">Act as</label>
    <select id="user" name="user" data-submit>${options}</select>
    <input type="hidden" name="back" value="${path}">
    <button class="script-less">Switch</button>
  </form>`
}
