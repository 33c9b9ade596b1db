export type FoundSecret = {
  /** What it looks like, in words for people; the secret itself is never repeated. */
  kind: string
  /** From 1. */
  line: number
}

/** Files that hold secrets by custom, whatever is in them; examples of them hold none. */
const secretNames = [
  /^\.env(?:\..+)?$/,
  /^.+\.env$/,
  /\.(?:pem|pfx|p12|key|kdbx|jks|keystore|ppk|tfstate|tfvars|publishsettings|agekey)$/,
  /^terraform\.tfstate\.backup$/,
  /^id_(?:rsa|dsa|ecdsa|ed25519)(?:_.*)?$/,
  /^\.(?:npmrc|netrc|pypirc|pgpass|htpasswd|git-credentials|dockerconfigjson)$/,
  /^_netrc$/,
  /^secrets?\.(?:ya?ml|json|toml|ini|properties|xml|txt|env)$/,
  /^(?:credentials|service-account|serviceaccount)(?:\.json)?$/,
  /^local\.settings\.json$/,
]
const examples =
  /\.(?:example|sample|template|dist|defaults?)$|^(?:example|sample|template)\.|\.(?:example|sample|template)\./

/** Whether a file of this path is likely to hold secrets, so that its content must not leave. */
export function looksSecretPath(path: string): boolean {
  const folders = path.toLowerCase().split('/')
  const name = folders.pop() ?? ''
  if (examples.test(name)) return false
  if (secretNames.some(pattern => pattern.test(name))) return true
  return folders.some(folder => folder === '.ssh' || folder === '.aws' || folder === '.gnupg') && !name.endsWith('.pub')
}

type Pattern = {
  kind: string
  /** Global; its group `value`, if it has one, must not be a placeholder. */
  find: RegExp
  /** A word without which the pattern cannot fit: cheaper than trying. */
  needs?: string
  /** Says no to what only looks like it. */
  unless?: (match: RegExpExecArray, text: string) => boolean
}

/** Published examples that every reader of manuals knows. */
const published = [
  // The storage emulator's key.
  'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq',
  // The Cosmos DB emulator's.
  'C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw',
  // jwt.io's.
  'SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c',
]

const patterns: readonly Pattern[] = [
  {
    kind: 'a private key',
    needs: 'PRIVATE KEY',
    find: /-----BEGIN (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-----(?:\s|\\[nr]|["'+]|[A-Za-z-]{1,30}: [^\n]{0,200}){0,40}[A-Za-z0-9+/=]{40}/g,
  },
  {
    kind: 'an Azure DevOps personal access token',
    needs: 'AZDO',
    find: /(?<![A-Za-z0-9])[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}(?![A-Za-z0-9])/g,
  },
  {
    kind: 'an Azure DevOps personal access token',
    find: /(?:\bpat\b|_pat\b|token|password|passwd|secret|devops|vsts|authorization|basic|credential)[^\n]{0,60}?(?<![A-Za-z0-9])[a-z2-7]{52}(?![A-Za-z0-9])/gi,
    unless: match => !/(?<![A-Za-z0-9])[a-z2-7]{52}$/.test(match[0]) || !/[2-7]/.test(match[0].slice(-52)),
  },
  {
    kind: 'a client secret of Entra ID',
    needs: 'Q~',
    find: /(?<![\w~.-])[\w~.-]{3}[0-9]Q~[\w~.-]{31,34}(?![\w~.-])/g,
  },
  {
    kind: 'the key of a storage account or service',
    find: /(?:AccountKey|SharedAccessKey|account_?key|access_?key)["']?\s{0,3}[=:]\s{0,3}["']?(?<value>[A-Za-z0-9+/]{43}=|[A-Za-z0-9+/]{86}==)(?![A-Za-z0-9+/=])/gi,
  },
  {
    kind: 'an access signature of Azure',
    needs: 'sig=',
    find: /\bs[vpret]=[^\s"']{0,300}[?&]sig=(?<value>[A-Za-z0-9%+/_-]{40,}(?:%3[dD]|=))/g,
  },
  { kind: 'an Anthropic key', needs: 'sk-ant-', find: /\bsk-ant-[a-z0-9]{2,12}-[\w-]{32,}/g },
  {
    kind: 'an OpenAI key',
    needs: 'sk-',
    find: /\bsk-(?:(?:proj|svcacct|admin|None)-[\w-]{40,}|[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}|[A-Za-z0-9]{48})(?![\w-])/g,
  },
  {
    kind: 'a GitHub token',
    find: /\b(?:gh[pousr]_[A-Za-z0-9]{36,251}|github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{50,})\b/g,
  },
  { kind: 'an npm token', needs: 'npm_', find: /\bnpm_[A-Za-z0-9]{36}\b/g },
  { kind: 'a Slack token', needs: 'xox', find: /\bxox[abeoprs]-[0-9]{8,}-[0-9A-Za-z-]{16,}/g },
  {
    kind: 'a secret key of AWS',
    find: /aws.{0,20}?secret.{0,20}?["'\s:=]{1,5}(?<value>[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])/gi,
  },
  {
    kind: 'a signed token (JWT)',
    needs: 'eyJ',
    find: /\beyJ[\w-]{10,4000}\.eyJ[\w-]{10,8000}\.(?<value>[\w-]{20,2000})/g,
  },
  {
    kind: 'a connection string with a password',
    find: /(?:Server|Data Source|Host|Address|User ID|User Id|UserId|Uid|Username|Endpoint|AccountEndpoint)\s?=[^\n"'`]{1,400}?;\s?(?:Password|Pwd|AccountKey)\s?=\s?(?<value>[^;"'`\s]{4,200})/gi,
    unless: match => localConnection.test(match[0]),
  },
  {
    kind: 'a connection string with a password',
    find: /(?:;|["'])\s?(?:Password|Pwd)\s?=\s?(?<value>[^;"'`\s]{4,200});[^\n"'`]{0,400}?(?:Server|Data Source|Host|Address|Initial Catalog)\s?=\s?[^;\n"'`]{1,200}/gi,
    unless: match => localConnection.test(match[0]),
  },
  {
    kind: 'a URL with a password',
    needs: '://',
    find: /\b[a-z][a-z0-9+.-]{1,20}:\/\/(?<user>[^\s:/@"'`<>]{0,80}):(?<value>[^\s:/@"'`<>]{4,200})@(?<host>[\w.-]{1,200})/gi,
    unless: ({ groups = {} }) =>
      groups.value === groups.user || localHost.test(groups.host ?? '') || !/[A-Za-z]/.test(groups.host ?? ''),
  },
]

const localConnection =
  /(?:Server|Data Source|Host|Address)\s?=\s?(?:tcp:)?(?:localhost|127\.0\.0\.1|\(local\)|\(localdb\)|\.(?:[;\\,]|$)|::1|[\w.-]*example\.(?:com|org|net))/i
const localHost =
  /^(?:localhost|127\.|0\.0\.0\.0|host\.docker\.internal|(?:.*\.)?example(?:\.(?:com|org|net))?$|.*\.(?:test|invalid|example|localhost)$)/i
/** Words and marks that stand where a secret would be. */
const placeholder = [
  /^(?:[$%{<[(*#@]|\.{2,}|x{4,}|_{2,})/i,
  /\$\{|\{\{|#\{|<[^>]+>/,
  /^(?:your|change|replace|insert|enter|dummy|fake|example|sample|placeholder|redacted|hidden|todo|process\.env|env[.:])/i,
  /^(?:my|the|some|a|test|dev|local|db)?[-_]?(?:secrets?|password|passw0rd|p@ssw0rd|passwd|postgres|root|admin|guest|user|test|pass|pwd|null|undefined|none|string|value|token)[-_]?\d{0,4}!?$/i,
]

/**
 * What in a text looks like a secret that somebody could use. Placeholders, published examples and passwords of local
 * machines are none: a file that is dropped for nothing is missed by who needs it. Linear in the text.
 */
export function findSecrets(text: string): FoundSecret[] {
  const found: FoundSecret[] = []
  for (const { kind, find, needs, unless } of patterns) {
    if (needs !== undefined && !text.includes(needs)) continue
    for (const match of text.matchAll(find)) {
      const value = match.groups?.value
      if (value !== undefined && placeholder.some(mark => mark.test(value))) continue
      if (published.some(known => match[0].includes(known))) continue
      if (unless?.(match, text)) continue
      found.push({ kind, line: text.slice(0, match.index).split('\n').length })
    }
  }
  return found.toSorted((a, b) => a.line - b.line)
}
