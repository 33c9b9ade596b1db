// node tools/complete-lock.mjs: after every npm install.
// npm leaves platform packages that a registry does not serve out of the lock, and `npm ci` then refuses the lock
// because they are missing. A stub with their platform lets it pass; no machine of another platform fetches it.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isInstalled, recordInstallation, root } from './installation.mjs'

const SYSTEMS = ['darwin', 'win32', 'linux', 'freebsd', 'openbsd', 'netbsd', 'android', 'openharmony', 'sunos', 'aix']
const PROCESSORS = ['arm64', 'x64', 'arm', 'ia32', 'ppc64', 's390x', 'riscv64', 'loong64', 'mips64el', 'wasm32']

function stub(name, range) {
  const words = name.split(/[-/]/)
  const os = SYSTEMS.find(system => words.includes(system)) ?? (words.includes('wasi') ? 'wasi' : undefined)
  const cpu = PROCESSORS.find(processor => words.includes(processor))
  // Without a platform npm would try to install it everywhere.
  if (!os && !cpu) throw new Error(`no platform in the name of the missing optional package ${name}`)
  return {
    version: range.replace(/^[\^~]/, ''),
    ...(cpu ? { cpu: [cpu] } : {}),
    ...(name.includes('musl') ? { libc: ['musl'] } : {}),
    optional: true,
    ...(os ? { os: [os] } : {}),
  }
}

const file = join(root, 'package-lock.json')
const lock = JSON.parse(readFileSync(file, 'utf8'))
const paths = Object.keys(lock.packages)
const added = {}
for (const { optionalDependencies = {} } of Object.values(lock.packages)) {
  for (const [name, range] of Object.entries(optionalDependencies)) {
    const path = `node_modules/${name}`
    if (!paths.some(known => known === path || known.endsWith(`/${path}`))) added[path] = stub(name, range)
  }
}
if (Object.keys(added).length > 0) {
  const wasInstalled = isInstalled()
  const sorted = Object.entries({ ...lock.packages, ...added }).sort(([a], [b]) => a.localeCompare(b, 'en'))
  writeFileSync(file, `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, null, 2)}\n`)
  if (wasInstalled) recordInstallation()
}
process.stderr.write(`package-lock.json: ${Object.keys(added).length} platform packages added\n`)
