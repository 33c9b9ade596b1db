import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { stringify } from 'yaml'
import { ruleGroups } from './alerts.ts'
import { dashboards } from './dashboards.ts'
import { grafanaDashboard } from './grafana.ts'

export const monitoringFolder: string = join(import.meta.dirname, '..', '..', 'docker', 'monitoring')

const note = '# Generated from tools/monitoring by `npm run docs`: change it there.\n'

/** What stands in docker/monitoring because something here says so: path within it, and text. */
export function generatedFiles(): Record<string, string> {
  const files: Record<string, string> = {
    'rules.yml': `${note}${stringify({ groups: ruleGroups() }, { lineWidth: 0 })}`,
  }
  for (const dashboard of dashboards) {
    files[`dashboards/${dashboard.uid}.json`] = `${JSON.stringify(grafanaDashboard(dashboard), null, 2)}\n`
  }
  return files
}

/** Paths of those that are not as they should be. */
export async function staleFiles(): Promise<string[]> {
  const stale: string[] = []
  for (const [path, text] of Object.entries(generatedFiles())) {
    const is = await readFile(join(monitoringFolder, path), 'utf8').catch(() => '')
    if (is !== text) stale.push(path)
  }
  return stale
}

export async function writeFiles(): Promise<void> {
  for (const [path, text] of Object.entries(generatedFiles())) {
    await mkdir(dirname(join(monitoringFolder, path)), { recursive: true })
    await writeFile(join(monitoringFolder, path), text)
  }
}
