import { checkModel } from '@code-agent/llm/check-model'
import type { Log } from '@code-agent/service/log'
import type { Models } from './models.ts'

/** A model that failed its check is asked again so much later, if somebody wants to know. */
const againMs = 30_000

export type ModelWatch = {
  /** Rejects with one sentence while a model cannot be used as configured. Never asks oftener than twice a minute. */
  check(): Promise<void>
}

/**
 * Asks every offered model once, at the start, whether name, key and address are good, and says so in the log. Jobs are
 * taken all the same: those that need the model fail with the same sentence, which the commenter reads.
 */
export function watchModels(models: Models, log: Pick<Log, 'info' | 'error'>): ModelWatch {
  let checkedAt = Date.now()
  let problems = ask()

  async function ask(): Promise<string[]> {
    const found = await Promise.all(
      models.offered.map(async name => ({ name, check: await checkModel(models.named(name)) })),
    )
    for (const { name, check } of found) {
      if (check.ok) log.info({ model: name }, 'the model answers')
      else log.error({ model: name, problem: check.sentence }, 'the model cannot be used')
    }
    return found.flatMap(({ check }) => (check.ok ? [] : [check.sentence]))
  }

  return {
    async check() {
      if ((await problems).length > 0 && Date.now() - checkedAt > againMs) {
        checkedAt = Date.now()
        problems = ask()
      }
      const [problem] = await problems
      if (problem !== undefined) throw new Error(problem)
    },
  }
}
