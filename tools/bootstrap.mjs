// node tools/bootstrap.mjs SCRIPT [ARGUMENT…]: on any Node >= 20, in a fresh clone, installs what package-lock.json
// asks for and runs SCRIPT under the pinned Node. Writes nothing to stdout: that belongs to SCRIPT.
import { spawn, spawnSync } from 'node:child_process'
import { constants } from 'node:os'
import { basename, delimiter, join } from 'node:path'
import { forgetInstallation, isInstalled, recordInstallation, root } from './installation.mjs'
import { withProcessLock } from './process-lock.mjs'

const NODE_MAJOR = 24
const binFolder = join(root, 'node_modules', '.bin')

let current
let ending
// A terminal sends Ctrl-C to the whole process group: forwarded as well, it would arrive twice and look like impatience.
const onTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) {
  process.on(signal, () => {
    ending ??= signal
    if (signal !== 'SIGINT' || !onTerminal) current?.kill(signal)
  })
}

// npm passes signals on, except the one that nobody can catch.
const npmPid = process.env.npm_lifecycle_event ? process.ppid : undefined
const watch = setInterval(() => {
  if (npmPid === undefined || process.ppid === npmPid) return
  clearInterval(watch)
  process.kill(process.pid, 'SIGTERM')
}, 500)
watch.unref()

const say = text => process.stderr.write(`${text}\n`)

const canBindToParent = spawnSync('setpriv', ['--pdeathsig', 'TERM', 'true'], { stdio: 'ignore' }).status === 0

/** Runs a program that ends when this process ends, even by SIGKILL; returns its exit code, 128+n after signal n. */
function run(program, args, options) {
  const command = canBindToParent ? ['setpriv', '--pdeathsig', 'TERM', program, ...args] : [program, ...args]
  return new Promise((resolve, reject) => {
    current = spawn(command[0], command.slice(1), options)
    current.once('error', reject)
    current.once('close', (code, signal) => {
      current = undefined
      resolve(signal ? 128 + constants.signals[signal] : code)
    })
  })
}

async function install() {
  const started = Date.now()
  say('Installing dependencies; the first time this takes about a minute.')
  forgetInstallation()
  const { npm_execpath: caller = '' } = process.env
  const npm = basename(caller) === 'npm-cli.js' ? [process.execPath, caller] : ['npm']
  // Said again whatever the environment says: development tools and the pinned Node are needed here.
  const flags = ['--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error']
  const code = await run(npm[0], [...npm.slice(1), 'ci', ...flags], { cwd: root, stdio: ['ignore', 2, 2] })
  if (code !== 0) {
    say(`npm ci failed with exit code ${code}; the reason is above.`)
    process.exitCode = code
    return false
  }
  recordInstallation()
  say(`Installed in ${Math.round((Date.now() - started) / 1000)} s.`)
  return true
}

async function ensureInstalled() {
  if (isInstalled()) return true
  const waiting = pid => say(`Another start (process ${pid}) is installing dependencies; waiting for it.`)
  return await withProcessLock(join(root, '.cache', 'install.lock'), () => isInstalled() || install(), waiting)
}

function findNode() {
  const pinned = join(binFolder, 'node')
  const { status, stdout } = spawnSync(pinned, ['--version'], { encoding: 'utf8' })
  if (status === 0 && stdout.startsWith(`v${NODE_MAJOR}.`)) return pinned
  if (Number(process.versions.node.split('.')[0]) >= NODE_MAJOR) return process.execPath
  say(
    `Code Agent needs Node ${NODE_MAJOR}, this is ${process.version}, and none is packaged for ` +
      `${process.platform}-${process.arch}: install Node ${NODE_MAJOR} from https://nodejs.org and try again.`,
  )
  return undefined
}

async function main([script, ...args]) {
  if (!script) {
    say('Usage: node tools/bootstrap.mjs SCRIPT [ARGUMENT…]')
    return 2
  }
  if (!(await ensureInstalled())) return process.exitCode
  if (ending) return 128 + constants.signals[ending]
  const node = findNode()
  if (!node) return 1
  const env = { ...process.env, PATH: `${binFolder}${delimiter}${process.env.PATH ?? ''}` }
  return await run(node, [join(root, script), ...args], { stdio: 'inherit', env })
}

process.exitCode = await main(process.argv.slice(2))
