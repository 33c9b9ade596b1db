import { readFile } from 'node:fs/promises'
import { type LlmScript, parseLlmScript } from '@code-agent/emulator-llm/script'

/** @throws naming the file and what is wrong with it */
export async function readLlmScript(file: string): Promise<LlmScript> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new Error(`--llm-script ${file}: the file cannot be read`, { cause })
  })
  return parseLlmScript(text)
}
