import { type ChildProcessByStdio, spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'

export interface GitObject {
  id: string
  type: string
  content: Buffer
}

export interface ObjectReader {
  /** any name git resolves (`<sha>`, `<sha>^{tree}`, `<sha>:path`); undefined when there is no such object */
  read(name: string): Promise<GitObject | undefined>
  close(): void
}

interface Reading {
  process: ChildProcessByStdio<Writable, Readable, null>
  waiting: { resolve: (object: GitObject | undefined) => void; reject: (error: Error) => void }[]
  buffered: Buffer[]
  size: number
}

const idleMs = 10_000
const newline = 10

/** Takes one whole answer of `cat-file --batch` off the front, or undefined when it has not all arrived. */
function takeAnswer(reading: Reading): { object: GitObject | undefined } | undefined {
  if (reading.size === 0) return undefined
  const first = reading.buffered[0]
  if (first === undefined) return undefined
  let whole = first
  if (first.indexOf(newline) < 0) {
    whole = Buffer.concat(reading.buffered)
    reading.buffered = [whole]
  }
  const lineEnd = whole.indexOf(newline)
  if (lineEnd < 0) return undefined
  const line = whole.toString('utf8', 0, lineEnd)
  const [id, type, size] = line.split(' ')
  const parsed = /^[0-9a-f]{40,64} [a-z]+ \d+$/.test(line)
  const length = parsed ? lineEnd + 1 + Number(size) + 1 : lineEnd + 1
  if (reading.size < length) return undefined
  whole = Buffer.concat(reading.buffered)
  const rest = whole.subarray(length)
  reading.buffered = rest.length > 0 ? [rest] : []
  reading.size = rest.length
  if (!parsed || id === undefined || type === undefined) return { object: undefined }
  return { object: { id, type, content: whole.subarray(lineEnd + 1, length - 1) } }
}

/** Keeps one `git cat-file --batch` while it is busy: a process per object would take minutes on a large repository. */
export function openObjectReader(dir: string): ObjectReader {
  let current: Reading | undefined
  let idle: NodeJS.Timeout | undefined

  function stop() {
    clearTimeout(idle)
    current?.process.stdin.end()
    current = undefined
  }

  function start(): Reading {
    const process = spawn('git', [`--git-dir=${dir}`, 'cat-file', '--batch'], { stdio: ['pipe', 'pipe', 'ignore'] })
    const reading: Reading = { process, waiting: [], buffered: [], size: 0 }
    process.stdout.on('data', (chunk: Buffer) => {
      reading.buffered.push(chunk)
      reading.size += chunk.length
      for (let answer = takeAnswer(reading); answer; answer = takeAnswer(reading)) {
        reading.waiting.shift()?.resolve(answer.object)
      }
    })
    const fail = (cause: unknown) => {
      if (current === reading) current = undefined
      for (const one of reading.waiting.splice(0)) one.reject(new Error('git cat-file ended', { cause }))
    }
    process.on('error', fail)
    process.on('close', fail)
    process.stdin.on('error', () => undefined)
    return reading
  }

  return {
    read(name) {
      // a line break would be read as two names
      if (/[\n\r\0]/.test(name)) return Promise.resolve(undefined)
      const reading = current ?? start()
      current = reading
      clearTimeout(idle)
      idle = setTimeout(() => reading.waiting.length === 0 && stop(), idleMs)
      idle.unref()
      return new Promise((resolve, reject) => {
        reading.waiting.push({ resolve, reject })
        reading.process.stdin.write(`${name}\n`)
      })
    },
    close: stop,
  }
}
