import { spawn } from 'node:child_process'
import { join } from 'node:path'

/** What another process reads of a cache folder; `stay` keeps it reading until it is killed. */
export type Job = {
  dir: string
  cloneUrl: string
  commits: string[]
  stay?: boolean
  rounds?: number
  maxBytes?: number
}

export function reader(job: Job) {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'read-elsewhere.ts'), JSON.stringify(job)])
  let error = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    error += text
  })
  return { child, error: () => error }
}

/** What it read, in the order of the commits. */
export async function readElsewhere(job: Job): Promise<string[]> {
  const { child, error } = reader(job)
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  const code = await new Promise(resolve => child.once('close', resolve))
  if (code !== 0) throw new Error(error())
  return JSON.parse(output)
}
