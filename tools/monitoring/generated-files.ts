import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { stringify } from 'yaml'
import { ruleGroups } from './alerts.ts'
import { alertsTemplate, workbookTemplate } from './azure-templates.ts'
import { dashboards } from './dashboards.ts'
import { grafanaDashboard } from './grafana.ts'

const root = join(import.meta.dirname, '..', '..')
export const monitoringFolder: string = join(root, 'docker', 'monitoring')

const note = '# Generated from tools/monitoring by `npm run docs`: change it there.\n'

/** What stands in docker/monitoring and azure/monitoring because something here says so: path, and text. */
export function generatedFiles(): Record<string, string> {
  const files: Record<string, string> = {
    'docker/monitoring/rules.yml': `${note}${stringify({ groups: ruleGroups() }, { lineWidth: 0 })}`,
  }
  for (const dashboard of dashboards) {
    files[`docker/monitoring/dashboards/${dashboard.uid}.json`] =
      `${JSON.stringify(grafanaDashboard(dashboard), null, 2)}\n`
  }
  files['azure/monitoring/alerts.json'] = `${JSON.stringify(alertsTemplate(), null, 2)}\n`
  files['azure/monitoring/workbook.json'] = `${JSON.stringify(workbookTemplate(), null, 2)}\n`
  return files
}

/** Paths of those that are not as they should be. */
export async function staleFiles(): Promise<string[]> {
  const stale: string[] = []
  for (const [path, text] of Object.entries(generatedFiles())) {
    const is = await readFile(join(root, path), 'utf8').catch(() => '')
    if (is !== text) stale.push(path)
  }
  return stale
}

export async function writeFiles(): Promise<void> {
  for (const [path, text] of Object.entries(generatedFiles())) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), text)
  }
}
