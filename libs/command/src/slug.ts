const maxSlugLength = 40

/** Letters that Unicode does not decompose into a base letter and a mark. */
const plainLetters: Record<string, string> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ı: 'i',
}

/** Names Windows cannot check out as a folder, whatever git says. */
const reservedOnWindows = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])$/

/** Lower-case ASCII letters and digits with single hyphens between them; empty when nothing of the text is left. */
export function foldToAscii(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[ßæœøłđðþı]/g, letter => plainLetters[letter] ?? '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
}

export function isReservedName(name: string): boolean {
  return reservedOnWindows.test(name)
}

/** The name of an intent in branches and titles: `[a-z0-9-]`, 1 to 40 long, cut between words; `edit` when nothing is left. */
export function slugOf(intent: string): string {
  const folded = foldToAscii(intent.slice(0, 400))
  const slug = cutBetweenWords(folded, maxSlugLength)
  if (slug === '') return 'edit'
  return isReservedName(slug) ? `edit-${slug}` : slug
}

function cutBetweenWords(folded: string, length: number): string {
  if (folded.length <= length) return folded
  const lastHyphen = folded.lastIndexOf('-', length)
  return folded.slice(0, lastHyphen >= length / 2 ? lastHyphen : length).replace(/-$/, '')
}
