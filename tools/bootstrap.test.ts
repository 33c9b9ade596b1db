import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

let project: string
const children: ChildProcess[] = []

// A project whose npm counts its calls and makes a node_modules with the Node that runs this test.
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'code-agent-bootstrap-'))
  mkdirSync(join(project, 'tools'))
  for (const name of ['bootstrap.mjs', 'installation.mjs', 'process-lock.mjs']) {
    cpSync(join(import.meta.dirname, name), join(project, 'tools', name))
  }
  writeFileSync(join(project, 'package-lock.json'), '{}')
  installer(`
    echo "$@" >> calls; echo noise; sleep 0.3; rm -rf node_modules; mkdir -p node_modules/.bin
    ln -s ${process.execPath} node_modules/.bin/node; echo {} > node_modules/.package-lock.json`)
  script('hello.ts', `const args: string[] = process.argv.slice(2); console.log(JSON.stringify(args))`)
})
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  rmSync(project, { recursive: true, force: true })
})

function installer(body: string) {
  writeFileSync(join(project, 'npm'), `#!/bin/sh\ncd ${project}\n${body}\n`)
  chmodSync(join(project, 'npm'), 0o755)
}
const script = (name: string, code: string) => writeFileSync(join(project, 'tools', name), code)
const calls = () => readFileSync(join(project, 'calls'), 'utf8').trim().split('\n')

const searchPath = () => `${project}:${dirname(process.execPath)}:/usr/bin:/bin`

function start(...args: string[]) {
  const command = [
    '-u',
    'npm_execpath',
    '-u',
    'npm_lifecycle_event',
    `PATH=${searchPath()}`,
    process.execPath,
    'tools/bootstrap.mjs',
    ...args,
  ]
  const child = spawn('env', command, { cwd: project, stdio: ['ignore', 'pipe', 'pipe'] })
  children.push(child)
  const ended = Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]).then(
    ([stdout, stderr, [code, signal]]) => ({ stdout, stderr, code: code as unknown, signal: signal as unknown }),
  )
  return { child, ended }
}

test('the first start installs, the second does not, and stdout belongs to the script', async () => {
  const first = await start('tools/hello.ts', 'a', 'b c').ended
  expect(first).toMatchObject({ code: 0, stdout: '["a","b c"]\n' })
  expect(first.stderr).toContain('Installing')
  const second = await start('tools/hello.ts').ended
  expect(second).toMatchObject({ code: 0, stdout: '[]\n', stderr: '' })
  expect(calls()).toHaveLength(1)
})

test('two first starts install once; the one that waits says so', async () => {
  const both = await Promise.all([start('tools/hello.ts').ended, start('tools/hello.ts').ended])
  expect(both.map(({ code }) => code)).toEqual([0, 0])
  expect(both.filter(({ stderr }) => stderr.includes('waiting'))).toHaveLength(1)
  expect(calls()).toHaveLength(1)
})

test('a changed lock is installed again, one that only looks newer is not', async () => {
  await start('tools/hello.ts').ended
  writeFileSync(join(project, 'package-lock.json'), '{}')
  await start('tools/hello.ts').ended
  expect(calls()).toHaveLength(1)
  writeFileSync(join(project, 'package-lock.json'), '{ }')
  await start('tools/hello.ts').ended
  expect(calls()).toHaveLength(2)
})

test('an installation that fails says so, starts nothing, and is tried again next time', async () => {
  installer('exit 3')
  expect(await start('tools/hello.ts').ended).toMatchObject({ code: 3, stdout: '' })
  expect(await start('tools/hello.ts').ended).toMatchObject({ code: 3, stdout: '' })
})

test('the script’s exit code is passed on', async () => {
  script('fail.ts', 'process.exit(42)')
  expect(await start('tools/fail.ts').ended).toMatchObject({ code: 42 })
  script('die.ts', `process.kill(process.pid, 'SIGKILL')`)
  expect(await start('tools/die.ts').ended).toMatchObject({ code: 137 })
})

test('SIGTERM and SIGINT reach the script, which ends in its own way', async () => {
  script(
    'stay.ts',
    `process.on('SIGTERM', () => process.exit(7)).on('SIGINT', () => process.exit(8))
     console.log('ready'); setInterval(() => {}, 1000)`,
  )
  for (const [signal, code] of [['SIGTERM', 7] as const, ['SIGINT', 8] as const]) {
    const { child, ended } = start('tools/stay.ts')
    await once(child.stdout, 'readable')
    child.kill(signal)
    expect(await ended).toMatchObject({ code })
  }
})

test('the script does not outlive a bootstrap that was killed', async () => {
  script(
    'stay.ts',
    `import { writeFileSync } from 'node:fs'
     process.on('SIGTERM', () => { writeFileSync('ended', ''); process.exit() })
     console.log('ready'); setInterval(() => {}, 1000)`,
  )
  const { child } = start('tools/stay.ts')
  await once(child.stdout, 'readable')
  child.kill('SIGKILL')
  await vi.waitUntil(() => existsSync(join(project, 'ended')), { timeout: 10_000 })
})

test('the script does not outlive an npm that was killed', async () => {
  script(
    'stay.ts',
    `import { writeFileSync } from 'node:fs'
     process.on('SIGTERM', () => { writeFileSync('ended', ''); process.exit() })
     console.log('ready'); setInterval(() => {}, 1000)`,
  )
  // What stands for npm: a parent that does not become the bootstrap, as `exec` would make it.
  const command = `${process.execPath} tools/bootstrap.mjs tools/stay.ts; true`
  const env = { PATH: searchPath(), npm_lifecycle_event: 'dev' }
  const child = spawn('sh', ['-c', command], { cwd: project, stdio: ['ignore', 'pipe', 'ignore'], env })
  children.push(child)
  await once(child.stdout, 'readable')
  child.kill('SIGKILL')
  await vi.waitUntil(() => existsSync(join(project, 'ended')), { timeout: 10_000 })
})
