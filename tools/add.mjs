// node tools/add.mjs -w @code-agent/store kysely: npm install under the pinned Node, then completes the lock.
// npm picks the newest versions that support the Node it runs on: under Node 20 that is silently an older one.
import { spawnSync } from 'node:child_process'
import { delimiter, join } from 'node:path'
import { root } from './installation.mjs'

const env = { ...process.env, PATH: `${join(root, 'node_modules', '.bin')}${delimiter}${process.env.PATH ?? ''}` }
const { status } = spawnSync('npm', ['install', ...process.argv.slice(2)], { cwd: root, stdio: 'inherit', env })
if (status !== 0) process.exit(status ?? 1)
await import('./complete-lock.mjs')
