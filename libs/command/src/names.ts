import { createHash } from 'node:crypto'
import { foldToAscii, isReservedName } from './slug.ts'

const maxSegmentLength = 32

/**
 * A person's folder in branch names: `[a-z0-9-]`, 1 to 32 long, from the part of the account name before the @ (or after the
 * domain's backslash). Where letters were lost, digits of the identity tell two people apart; dots and the like only become
 * hyphens. Nothing left at all: `u-` and eight digits.
 */
export function userSegment(person: { displayName: string; uniqueName: string; id: string }): string {
  const account = (person.uniqueName.split('\\').at(-1) ?? '').split('@')[0]?.trim() ?? ''
  const name = account === '' ? person.displayName.trim() : account
  const folded = foldToAscii(name.slice(0, 400))
  if (folded === '' || isReservedName(folded)) return `u-${identityDigits(person.id, 8)}`
  const separated = name
    .toLowerCase()
    .replace(/[-._+ ]+/g, '-')
    .replace(/^-|-$/g, '')
  if (folded === separated && folded.length <= maxSegmentLength) return folded
  return `${folded.slice(0, maxSegmentLength - 7).replace(/-$/, '')}-${identityDigits(person.id, 6)}`
}

function identityDigits(id: string, count: number): string {
  const hex = id.toLowerCase().replaceAll('-', '')
  const digits = /^[0-9a-f]{8,}$/.test(hex) ? hex : createHash('sha256').update(id).digest('hex')
  return digits.slice(0, count)
}

/** `users/<user>/<slug>/v<n>`, without refs/heads/. */
export function branchName(of: { user: string; slug: string; variant: number }): string {
  return `users/${of.user}/${of.slug}/v${of.variant}`
}

export function draftTitle(of: { variant: number; slug: string }): string {
  return `🔧 AI Edit v${of.variant}: ${of.slug}`
}
