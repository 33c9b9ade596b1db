import type { PageUser } from '../page-model.ts'
import { type Html, html } from './html.ts'

/** Initials on a colour that stays with the person. */
export function avatar({ displayName, id }: PageUser): Html {
  const initials = displayName
    .split(/\s+/)
    .map(word => [...word][0] ?? '')
    .filter(letter => /[\p{L}\p{N}]/u.test(letter))
  const shown = [initials[0], initials.length > 1 ? initials.at(-1) : undefined].join('').toUpperCase() || '?'
  const colour = [...id].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 8, 0)
  return html`<span class="avatar colour-${colour}" aria-hidden="true">${shown}</span>`
}

/** The moment as a reader thinks of it; the exact one is in the title. */
export function ago(iso: string, now: Date): Html {
  const seconds = Math.round((now.getTime() - new Date(iso).getTime()) / 1000)
  return html`<time datetime="${iso}" title="${iso.replace('T', ' ').slice(0, 19)} UTC">${inWords(seconds)}</time>`
}

const spans = [
  ['minute', 60],
  ['hour', 3_600],
  ['day', 86_400],
  ['month', 2_592_000],
  ['year', 31_536_000],
] as const

function inWords(seconds: number): string {
  const span = spans.findLast(([, length]) => seconds >= length)
  if (!span || Number.isNaN(seconds)) return 'just now'
  const count = Math.floor(seconds / span[1])
  return `${count} ${span[0]}${count === 1 ? '' : 's'} ago`
}
