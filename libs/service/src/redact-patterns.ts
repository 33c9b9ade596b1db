const replacement = '[secret]'

/** What a secret of others looks like, wherever it comes from: errors quote headers, addresses and whole answers. */
const patterns: [find: RegExp, put: string][] = [
  [
    /-----BEGIN [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----|$)/g,
    replacement,
  ],
  [/\b([Bb]asic|[Bb]earer|BASIC|BEARER) +(?=[a-z+/.~-]*[A-Z0-9=_])[\w+/=.~-]{8,}/g, `$1 ${replacement}`],
  // Azure DevOps personal access tokens, new and old.
  [/(?<![A-Za-z0-9])[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}(?![A-Za-z0-9])/g, replacement],
  [/(?<![A-Za-z0-9])(?=[a-z]*[2-7])[a-z2-7]{52}(?![A-Za-z0-9])/g, replacement],
  // Entra client secrets.
  [/(?<![\w~.-])[\w~.-]{3}[0-9]Q~[\w~.-]{31,34}(?![\w~.-])/g, replacement],
  [/\bsk-[A-Za-z0-9_-]{20,}/g, replacement],
  [/\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}/g, replacement],
  [/\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_\w{40,}|npm_[A-Za-z0-9]{36}|whsec_[A-Za-z0-9+/=]{16,})/g, replacement],
  [/\b((?:Account|SharedAccess)Key|Password|Pwd|client_secret|sig)=[^;&"'\\\s]{4,500}/gi, `$1=${replacement}`],
  [/(:\/\/[^\s:/@"'\\]{0,100}):[^\s/@"'\\]{1,300}@/g, `$1:${replacement}@`],
]

/** Replaces what looks like a secret, known to us or not. Linear in the text. */
export function redactPatterns(text: string): string {
  return patterns.reduce((left, [find, put]) => left.replace(find, put), text)
}
