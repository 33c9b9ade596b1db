import { type DiffFile, type DiffLine, diffFiles } from './diff-files.ts'
import { type Child, type Html, html } from './html.ts'
import { visibly } from './visible-characters.ts'

/** What the reader chose: how many columns, and which variants; those that have a diff if nothing was chosen. */
export type DiffChoice = { columns: 2 | 3 | undefined; variants: number[] }

/** More than this nobody reads here, and the drafts show all of it. */
const mostLinesOfFile = 400
const mostLinesOfPage = 6_000

type Side = { variant: number; files: Map<string, DiffFile> }

/** The variants' diffs beside each other, file by file; below each other on a small screen. */
export function diffView(
  diffs: { variant: number; diff: string }[],
  of: { choice: DiffChoice; path: string; redact(text: string): string },
): Child {
  if (diffs.length === 0) return undefined
  const all = diffs.map(({ variant }) => variant)
  const chosen = all.filter(variant => of.choice.variants.length === 0 || of.choice.variants.includes(variant))
  const sides = diffs
    .filter(({ variant }) => chosen.includes(variant))
    .map(({ variant, diff }) => ({
      variant,
      files: new Map(diffFiles(of.redact(diff)).map(file => [file.path, file])),
    }))
  const columns = Math.min(of.choice.columns ?? 3, Math.max(1, sides.length))
  const paths = [...new Set(sides.flatMap(({ files }) => [...files.keys()]))].sort()
  const room = { lines: mostLinesOfPage }
  return html`<section class="panel" id="changes" data-live aria-labelledby="changes-title">
<h2 id="changes-title">Changes${sides.length > 1 && ' side by side'}</h2>
${all.length > 1 && chooser(all, chosen, of)}
${paths.map((path, at) => fileView(path, at, sides, columns, room))}
${paths.length === 0 && html`<p class="quiet">No variant that is shown changes anything.</p>`}
</section>`
}

function chooser(all: number[], chosen: number[], { choice, path }: { choice: DiffChoice; path: string }): Html {
  const columns = choice.columns ?? 3
  return html`<form class="chooser" method="get" action="${path}#changes">
<fieldset><legend>Columns</legend>${[2, 3].map(
    count =>
      html`<label><input type="radio" name="columns" value="${count}"${count === columns && html` checked`} data-submit> ${count}</label>`,
  )}</fieldset>
<fieldset><legend>Variants</legend>${all.map(
    variant =>
      html`<label><input type="checkbox" name="v" value="${variant}"${chosen.includes(variant) && html` checked`} data-submit> v${variant}</label>`,
  )}</fieldset>
<button class="script-less">Show</button>
</form>`
}

function fileView(path: string, at: number, sides: Side[], columns: number, room: { lines: number }): Html {
  const shown = sides.map(side => ({ side, file: side.files.get(path) }))
  return html`<details class="file" open data-key="file-${path}"><summary><h3>${visibly(path)}</h3></summary>
<div class="columns columns-${columns}">${shown.map(({ side, file }) => sideView(side.variant, path, at, file, room))}</div></details>`
}

function sideView(
  variant: number,
  path: string,
  at: number,
  file: DiffFile | undefined,
  room: { lines: number },
): Html {
  if (!file)
    return html`<div class="side none"><h4>v${variant}</h4><p class="quiet">Leaves this file as it is.</p></div>`
  const lines = file.lines.slice(0, Math.min(mostLinesOfFile, room.lines))
  room.lines -= lines.length
  const id = `f${at}-v${variant}`
  const change = file.change === 'edited' ? '' : ` ${file.change}`
  return html`<div class="side"><h4 id="${id}">v${variant}${change} <span class="plus">+${file.additions}</span> <span class="minus">−${file.deletions}</span></h4>
<div class="scroll" tabindex="0" role="region" aria-labelledby="${id}"><table class="diff"><caption class="hidden">Changes of v${variant} in ${visibly(path)}</caption>
<thead class="hidden"><tr><th scope="col">Line before</th><th scope="col">Line after</th><th scope="col">Text</th></tr></thead><tbody>${lines.map(row)}</tbody></table></div>
${lines.length < file.lines.length && html`<p class="quiet">${file.lines.length - lines.length} more lines: the draft shows all of them.</p>`}
${file.lines.length === 0 && html`<p class="quiet">An empty file.</p>`}</div>`
}

const marks: Record<DiffLine['kind'], string> = { same: ' ', added: '+', removed: '−', gap: '' }

function row({ kind, before, after, text }: DiffLine): Html {
  if (kind === 'gap') return html`<tr class="gap"><td colspan="3">⋯</td></tr>`
  return html`<tr class="${kind}"><td class="n">${before}</td><td class="n">${after}</td><td class="code"><span class="mark">${marks[kind]}</span>${visibly(text)}</td></tr>`
}
