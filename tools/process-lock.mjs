// Plain JavaScript for Node 20: the bootstrap needs it before anything is installed.
import { spawnSync } from 'node:child_process'
import { linkSync, mkdirSync, readFileSync, rmdirSync, statSync, unlinkSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const POLL_MS = 100
const GUARD_STALE_MS = 5_000

/**
 * When a process started, in the machine's own notation, or undefined if there is no such process.
 * A pid alone is no identity: it is given away again after a crash.
 */
export function processStart(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  } catch {}
  const { stdout } = spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' })
  return stdout?.trim() || undefined
}

function readOwner(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
}

const isAlive = owner => processStart(owner.pid) === owner.start

function tryTake(path, me) {
  const own = `${path}.${process.pid}.${Math.random().toString(36).slice(2)}`
  writeFileSync(own, JSON.stringify(me))
  try {
    // A link appears with its content: no reader ever sees a lock without an owner.
    linkSync(own, path)
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  } finally {
    unlinkSync(own)
  }
}

// Two waiters may both find a dead owner; without the guard the slower one would remove the quicker one's new lock.
function removeIfStale(path) {
  const guard = `${path}.guard`
  try {
    mkdirSync(guard)
  } catch {
    try {
      if (Date.now() - statSync(guard).mtimeMs > GUARD_STALE_MS) rmdirSync(guard)
    } catch {}
    return
  }
  try {
    const owner = readOwner(path)
    if (owner && !isAlive(owner)) unlinkSync(path)
  } finally {
    rmdirSync(guard)
  }
}

/**
 * Runs `work` while holding the lock file `path`; other processes wait, a dead holder's lock is taken over.
 * `onWait(pid)` is told once whom it waits for. Returns what `work` returns.
 */
export async function withProcessLock(path, work, onWait = () => {}) {
  mkdirSync(dirname(path), { recursive: true })
  const me = { pid: process.pid, start: processStart(process.pid) }
  let told = false
  while (!tryTake(path, me)) {
    const owner = readOwner(path)
    if (owner && !isAlive(owner)) {
      removeIfStale(path)
    } else if (owner && !told) {
      told = true
      onWait(owner.pid)
    }
    await sleep(POLL_MS)
  }
  try {
    return await work()
  } finally {
    unlinkSync(path)
  }
}
