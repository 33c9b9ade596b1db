import { glob, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { configTable } from '@code-agent/service/config-table'
import { z } from 'zod'
import { writeFiles } from './monitoring/generated-files.ts'

// npm run docs: writes the README's configuration table anew from every app's settings, and the monitoring's files.

const root = join(import.meta.dirname, '..')
const readme = join(root, 'README.md')
const begin = '<!-- configuration: generated from the settings of each app by `npm run docs` -->'
const end = '<!-- /configuration -->'

/** The README as it should read now. */
export async function currentReadme(): Promise<{ is: string; shouldBe: string }> {
  const is = await readFile(readme, 'utf8')
  const [from, to] = [is.indexOf(begin), is.indexOf(end)]
  if (from < 0 || to < from) throw new Error('README.md has lost the marks around its configuration table')
  return { is, shouldBe: `${is.slice(0, from)}${begin}\n${configTable(await settingsOfApps())}\n${is.slice(to)}` }
}

/** By name of the app; found by where they lie, so that a new app is in the table by itself. */
export async function settingsOfApps(): Promise<Record<string, z.ZodObject>> {
  const found: Record<string, z.ZodObject> = {}
  const paths: string[] = []
  for await (const path of glob('{apps/*,bull-board}/src/settings.ts', { cwd: root })) paths.push(path)
  for (const path of paths.toSorted()) {
    const exported: Record<string, unknown> = await import(pathToFileURL(join(root, path)).href)
    const schema = Object.values(exported).find(value => value instanceof z.ZodObject)
    if (schema instanceof z.ZodObject) found[dirname(dirname(path)).replace(/^apps\//, '')] = schema
  }
  return found
}

if (import.meta.main) {
  await writeFile(readme, (await currentReadme()).shouldBe)
  await writeFiles()
}
