/** How a remark is written in a file, or undefined where its language has none or it is unknown. */
export interface CommentSyntax {
  open: string
  close: string
  /** May stand on its own line between any two lines of code. */
  anywhere: boolean
}

const slashes: CommentSyntax = { open: '// ', close: '', anywhere: true }
const hash: CommentSyntax = { open: '# ', close: '', anywhere: true }
const dashes: CommentSyntax = { open: '-- ', close: '', anywhere: true }
const markup: CommentSyntax = { open: '<!-- ', close: ' -->', anywhere: false }
const stars: CommentSyntax = { open: '/* ', close: ' */', anywhere: true }
const semicolon: CommentSyntax = { open: '; ', close: '', anywhere: true }

const byExtension: [CommentSyntax, string][] = [
  [
    slashes,
    'js mjs cjs ts mts cts c h cc cpp hpp cs java go rs kt kts swift scala dart scss less groovy gradle proto fs fsx zig jsonc',
  ],
  [{ ...slashes, anywhere: false }, 'jsx tsx'],
  [
    hash,
    'py rb sh bash zsh fish yml yaml toml conf cfg tf pl r jl ex exs ps1 psm1 gitignore gitattributes dockerignore editorconfig env properties mk cmake nix',
  ],
  [dashes, 'sql lua hs elm'],
  [markup, 'html htm xml svg md markdown xaml csproj fsproj vbproj props targets vue'],
  [stars, 'css'],
  [semicolon, 'ini asm'],
]
const byName: [CommentSyntax, RegExp][] = [
  [hash, /^(?:dockerfile|makefile|jenkinsfile|codeowners|procfile|gemfile|rakefile)$/i],
]

export function commentSyntax(path: string): CommentSyntax | undefined {
  const name = path.split('/').at(-1) ?? path
  const named = byName.find(([, pattern]) => pattern.test(name))
  if (named) return named[0]
  const extension = name.includes('.') ? (name.split('.').at(-1) ?? '').toLowerCase() : ''
  return byExtension.find(([, extensions]) => extensions.split(' ').includes(extension))?.[0]
}

/** The remark as one line, or undefined when it would end its own comment. */
export function commentLine(syntax: CommentSyntax, remark: string): string | undefined {
  const close = syntax.close.trim()
  if (close !== '' && (remark.includes(close) || remark.includes('--'))) return undefined
  return `${syntax.open}${remark}${syntax.close}`
}

/** The first line before which a remark may stand: not before shebangs, declarations or front matter. Undefined: nowhere near the top. */
export function topLine(lines: readonly (string | undefined)[]): number | undefined {
  const first = lines[0]
  if (first === undefined || /^(?:---|\+\+\+|%)/.test(first.replace(/^\uFEFF/, ''))) return undefined
  const bound = /^\uFEFF|^#!|^<\?|^<!doctype|^# syntax=|^# -\*-|^#.*coding[:=]|^\/\/go:build|^@charset/i
  const at = lines.findIndex(line => line === undefined || !bound.test(line))
  return at < 0 || lines[at] === undefined ? undefined : at
}
