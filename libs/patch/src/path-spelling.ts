/** What HFS+ and APFS leave out when they compare names, and whatever else cannot be seen. */
const ignored = /[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu

/**
 * A path as the least particular file system reads it: case, Unicode form, characters that cannot be seen, backslashes,
 * and what Windows drops from the end of a name (dots, spaces, `:stream`) make no difference. For comparing, not for writing.
 */
export function foldedPath(path: string): string {
  return path
    .replace(ignored, '')
    .normalize('NFKC')
    .toUpperCase()
    .toLowerCase()
    .normalize('NFKC')
    .replaceAll('\\', '/')
    .split('/')
    .map(name => (/^\.{1,2}$/.test(name) ? name : asWindowsReads(name)))
    .join('/')
}

function asWindowsReads(name: string): string {
  const [kept = ''] = name.split(':', 1)
  let end = kept.length
  while (end > 0 && (kept[end - 1] === '.' || kept[end - 1] === ' ')) end--
  return kept.slice(0, end)
}

/** Names Windows keeps for devices, with any extension. */
const device = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(?:\.|$)/i
/** Windows' short name of a longer one, which may be any file's: `GIT~1`, `AZURE-~1.YML`. */
const shortName = /^[^.]{1,7}~\d{1,6}(?:\.[^.]{0,3})?$/

/** Why nothing may be done at a path, however it came about, as the end of a sentence; undefined for an honest path. */
export function spellingFault(path: string): string | undefined {
  if (path === '' || path.startsWith('/') || /^[a-z]:/i.test(path)) return 'is no path inside the repository'
  if (/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u.test(path)) return 'has control characters in its path'
  if (path.includes('\\')) return 'has a backslash in its path'
  const folded = foldedPath(path).split('/')
  if (folded.some(name => name === '' || name === '.' || name === '..')) return 'leaves its folder'
  if (folded.some(name => name === '.git' || /^git~\d+$/.test(name) || /^gi[0-9a-f]{4}~\d+$/.test(name)))
    return "is part of git's own folder"
  return undefined
}

/** Why no file may be given this name; a file that bears it already is another matter. As the end of a sentence. */
export function newNameFault(path: string): string | undefined {
  if (path.search(ignored) !== -1) return 'has a character in its name that cannot be seen'
  if (path !== path.normalize('NFC')) return 'is not in the usual Unicode form (NFC), so it could stand beside its twin'
  if (Buffer.byteLength(path) > 400) return 'has a name too long for Windows'
  for (const name of path.split('/')) {
    if (/[<>:"|?*]/.test(name)) return 'has a character in its name that Windows does not take'
    if (name !== name.trim() || name.endsWith('.'))
      return 'has a name that begins with a space or ends in a space or dot'
    if (device.test(name)) return 'has a name that Windows keeps for a device'
    if (shortName.test(name)) return "has the form of one of Windows' short names, which may mean another file"
  }
  return undefined
}
