import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { stringify } from 'yaml'

const run = promisify(execFile)

/** Runs one of Prometheus's tools. @returns what it says, whether or not it is content */
export async function ask(program: string, args: string[]): Promise<{ fine: boolean; says: string }> {
  try {
    const { stdout, stderr } = await run(program, args, { maxBuffer: 16 * 1024 * 1024 })
    return { fine: true, says: `${stdout}${stderr}` }
  } catch (error) {
    const { stdout, stderr } = Object.assign({ stdout: '', stderr: '' }, error)
    return { fine: false, says: `${stdout}${stderr}` || String(error) }
  }
}

/** Asks with YAML documents in files of their own, by name in one folder: `args` gets its path. */
export async function askAbout(
  program: string,
  documents: Record<string, unknown>,
  args: (folder: string) => string[],
): Promise<{ fine: boolean; says: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'code-agent-promtool-'))
  try {
    for (const [name, document] of Object.entries(documents)) {
      await writeFile(join(folder, name), stringify(document, { lineWidth: 0 }))
    }
    return await ask(program, args(folder))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
