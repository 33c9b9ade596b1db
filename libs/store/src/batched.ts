/**
 * Lets what is asked for in the same moment share one statement, and so one commit: while a statement is under way the next
 * ones gather. Nobody waits for company: the first is sent at once.
 *
 * @param run answers in the order of its inputs. If it fails for several, each is tried alone, so that nobody fails for a neighbour.
 */
export function batched<Input, Output>(
  run: (inputs: Input[]) => Promise<Output[]>,
  { most = 100 }: { most?: number } = {},
): (input: Input) => Promise<Output> {
  type Waiting = { input: Input; settled: PromiseWithResolvers<Output> }
  let waiting: Waiting[] = []
  let busy = false

  async function work(): Promise<void> {
    busy = true
    while (waiting.length > 0) {
      const batch = waiting.slice(0, most)
      waiting = waiting.slice(most)
      await answer(batch)
    }
    busy = false
  }

  async function answer(batch: Waiting[]): Promise<void> {
    try {
      const outputs = await run(batch.map(({ input }) => input))
      for (const [place, { settled }] of batch.entries()) {
        const output = outputs[place]
        if (output === undefined) settled.reject(new Error('a statement did not answer for everybody'))
        else settled.resolve(output)
      }
    } catch (error) {
      if (batch.length === 1) batch[0]?.settled.reject(error)
      else await Promise.all(batch.map(one => answer([one])))
    }
  }

  return input => {
    const settled = Promise.withResolvers<Output>()
    waiting.push({ input, settled })
    if (!busy) void work()
    return settled.promise
  }
}
