import { findSecrets } from '@code-agent/command/secrets'
import type { Snapshot } from '@code-agent/repository/snapshot'
import { type ProjectSettings, settingsPath } from './project-settings.ts'

export type Instructions = { text: string; notes: string[] }

const files = ['AGENTS.md', 'CLAUDE.md'] as const
/** Of one file, in characters: what binds every edit should be short. */
const mostCharacters = 24_000

/** The project's own rules, from the commit given: what its agents' files and its settings say. */
export async function readInstructions(target: Snapshot, settings: ProjectSettings): Promise<Instructions> {
  const found = await target.readMany(files)
  const texts = new Map<string, string>()
  for (const path of files) {
    const file = found.get(path)
    // A CLAUDE.md that repeats or only imports AGENTS.md says nothing more.
    if (file?.kind === 'text' && !/^\s*@\.?\/?AGENTS\.md\s*$/.test(file.content) && !isKnown(texts, file.content))
      texts.set(path, file.content)
  }
  if (settings.instructions) texts.set(settingsPath, settings.instructions)
  const notes: string[] = []
  const parts = [...texts].flatMap(([path, text]) => {
    const [secret] = findSecrets(text)
    if (secret) {
      notes.push(`“${path}” is not shown: line ${secret.line} looks like ${secret.kind}.`)
      return []
    }
    if (text.length > mostCharacters) notes.push(`“${path}” is cut after ${mostCharacters} characters.`)
    return [`# ${path}\n\n${text.slice(0, mostCharacters).toWellFormed().trim()}\n`]
  })
  return { text: parts.join('\n'), notes }
}

function isKnown(texts: ReadonlyMap<string, string>, content: string): boolean {
  return content.trim() === '' || [...texts.values()].some(text => text.trim() === content.trim())
}
