import type { Read, Run } from '@code-agent/store/read'
import { WrongUsage } from '../command.ts'

/** A run by its id or the beginning of it, as lists show it. @throws when there is none, or more than one */
export async function findRun(store: Read, id: string | undefined): Promise<Run> {
  if (id === undefined) throw new WrongUsage('say which run: its id, or at least four characters of it')
  if (!/^[0-9a-f-]{4,36}$/i.test(id))
    throw new Error(
      `“${id}” is no run’s id, nor the beginning of one: four characters or more, as runs list shows them`,
    )
  const wanted = id.toLowerCase()
  const found =
    wanted.length === 36 ? [wanted] : (await store.runs({ limit: 10_000 })).flatMap(run => beginning(run.runId, wanted))
  const [runId, ...others] = found
  if (runId === undefined) throw new Error(`there is no run ${id}`)
  if (others.length > 0) throw new Error(`${found.length} runs begin with ${id}; write more of it`)
  const run = await store.run(runId)
  if (run === undefined) throw new Error(`there is no run ${id}`)
  return run
}

/** The one word that says which run. @throws when there are more */
export function onlyId([id, ...more]: string[]): string | undefined {
  if (more.length > 0) throw new WrongUsage(`one run at a time: what is “${more.join(' ')}”?`)
  return id
}

function beginning(runId: string, wanted: string): string[] {
  return runId.startsWith(wanted) ? [runId] : []
}
