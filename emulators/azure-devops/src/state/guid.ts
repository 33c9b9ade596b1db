import { createHash } from 'node:crypto'

/** The same words always give the same GUID, so that a restarted demo keeps its links. */
export function guidOf(...words: (string | number)[]): string {
  const digest = createHash('sha1').update(words.join('\0')).digest('hex')
  return [
    digest.slice(0, 8),
    digest.slice(8, 12),
    `5${digest.slice(13, 16)}`,
    `8${digest.slice(17, 20)}`,
    digest.slice(20, 32),
  ].join('-')
}

export function isGuid(text: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text)
}
