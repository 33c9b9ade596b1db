import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { hasDebianPackages, unpackDebianPackages } from './debian-packages.ts'
import { cacheFolder, findOnPath } from './server-process.ts'

const programs = ['prometheus', 'promtool', 'amtool'] as const
export type PrometheusPrograms = Record<(typeof programs)[number], string>

/** Prometheus and its tools: from the PATH, the cache, or fetched once from Debian's packages; undefined if there are none. */
export async function prometheusPrograms(
  folder: string = join(cacheFolder, 'prometheus'),
): Promise<PrometheusPrograms | undefined> {
  const installed = found(findOnPath)
  if (installed) return installed
  const cached = () => found(program => existing(join(folder, 'usr/bin', program)))
  if (cached()) return cached()
  if (!hasDebianPackages()) return undefined
  const packages = ['prometheus', 'prometheus-alertmanager']
  await unpackDebianPackages({ folder, packages, isComplete: () => cached() !== undefined }).catch(() => {})
  return cached()
}

function found(lookUp: (program: string) => string | undefined): PrometheusPrograms | undefined {
  const [prometheus, promtool, amtool] = programs.map(lookUp)
  if (prometheus === undefined || promtool === undefined || amtool === undefined) return undefined
  return { prometheus, promtool, amtool }
}

function existing(path: string): string | undefined {
  return existsSync(path) ? path : undefined
}
