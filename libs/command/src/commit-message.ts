import { withoutInvisible } from './invisible.ts'

const maxSubjectLength = 72

/** Value of the `Code-Agent-Variant` trailer: by it a branch is known as ours. */
export function variantTrailer(of: { runId: string; variant: number }): string {
  return `${of.runId}/${of.variant}`
}

/**
 * @param of.summary what the variant does, one sentence, as the model said it
 * @param of.ciMarker `[skip ci]` or `***NO_CI***`, when the installation wants no build of these commits
 */
export function commitMessage(of: {
  runId: string
  variant: number
  summary: string
  intent: string
  requester: { displayName: string; uniqueName: string }
  ciMarker?: string
}): string {
  const paragraphs = [
    subject(of.summary),
    `Requested in a pull request comment:\n${quoted(of.intent)}`,
    of.ciMarker,
    trailers(of),
  ]
  return `${paragraphs.filter(paragraph => paragraph !== undefined && paragraph !== '').join('\n\n')}\n`
}

/** Trailers of a commit message, keys in lower case; only its last paragraph counts, so text that quotes one stays text. */
export function parseTrailers(message: string): Record<string, string> {
  const paragraphs = message
    .replace(/\r\n?/g, '\n')
    .trimEnd()
    .split(/\n[ \t]*\n/)
  const last = paragraphs.length > 1 ? (paragraphs.at(-1) ?? '') : ''
  const found = [...last.matchAll(/^([A-Za-z][A-Za-z0-9-]*): *(.*)$/gm)]
  return Object.fromEntries(found.map(([, key = '', value = '']) => [key.toLowerCase(), value.trim()]))
}

function trailers(of: Parameters<typeof commitMessage>[0]): string {
  return [
    `Code-Agent-Run: ${of.runId}`,
    `Code-Agent-Variant: ${variantTrailer(of)}`,
    `Requested-by: ${requestedBy(of.requester)}`,
  ].join('\n')
}

function requestedBy(requester: { displayName: string; uniqueName: string }): string {
  const name = oneLine(requester.displayName).replace(/[<>]/g, '')
  const account = oneLine(requester.uniqueName).replace(/[<>]/g, '')
  return account === '' ? name : `${name} <${account}>`.trim()
}

function subject(summary: string): string {
  const line = inert(oneLine(summary)).replace(/[. ]+$/, '')
  if (line === '') return 'Edit as requested'
  const characters = [...line]
  if (characters.length <= maxSubjectLength) return line
  return `${characters
    .slice(0, maxSubjectLength - 1)
    .join('')
    .trimEnd()}…`
}

/** Indented, so that no line of it can pass for a trailer. */
function quoted(intent: string): string {
  return intent
    .split(/\r\n?|\n/)
    .map(line => `    ${inert(oneLine(line))}`.trimEnd())
    .filter(line => line !== '')
    .join('\n')
}

function oneLine(text: string): string {
  return withoutInvisible(text.replace(/\s+/g, ' ')).trim()
}

/** Azure DevOps links and may resolve work items named in a commit, and skips builds of one that says so: neither is the author's to say. */
function inert(text: string): string {
  return text
    .replace(/#(?=\d)/g, '# ')
    .replace(/\*{3}(?=\s*no_ci)/gi, '')
    .replace(/\[(?=[^\]]*\b(?:ci|azurepipelines|azpipelines|azp)\b[^\]]*\])/gi, '(')
}
