import type { Read, Run } from '@code-agent/store/read'
import { WrongUsage } from '../command.ts'

/** A run by its id or the beginning of it, as lists show it. @throws when there is none, or more than one */
export async function findRun(store: Read, id: string | undefined): Promise<Run> {
  if (id === undefined || !/^[0-9a-f-]{4,36}$/i.test(id))
    throw new WrongUsage('say which run: its id, or at least four characters of it')
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

function beginning(runId: string, wanted: string): string[] {
  return runId.startsWith(wanted) ? [runId] : []
}
