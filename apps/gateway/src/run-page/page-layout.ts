import { type Child, type Html, html } from './html.ts'

/** What every page is drawn with. */
export type PageFrame = {
  /** Path the gateway is served under, without a slash at its end. */
  base: string
  /** Addresses of the page's own files, which change with their contents. */
  assets: { style: string; script: string; icon: string }
}

export function page(frame: PageFrame, of: { title: string; aside?: Child; main: Html; footer?: Child }): string {
  const { style, script, icon } = frame.assets
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${of.title}</title>
<link rel="icon" href="${icon}" type="image/svg+xml">
<link rel="stylesheet" href="${style}">
<script type="module" src="${script}"></script>
</head>
<body>
<a class="skip" href="#main">Skip to content</a>
<header class="top"><span class="brand"><img src="${icon}" alt="" width="22" height="22"> Code Agent</span>${of.aside}</header>
${of.main}
<footer class="foot">${of.footer}</footer>
<p class="hidden" id="announcer" role="status"></p>
</body>
</html>
`.text
}

/** A page that says one thing. */
export function messagePage(frame: PageFrame, of: { title: string; text: Child }): string {
  return page(frame, {
    title: `${of.title} · Code Agent`,
    main: html`<main id="main" class="message" tabindex="-1"><h1>${of.title}</h1>${of.text}</main>`,
  })
}
