import { expect, test } from 'vitest'
import { batched } from './batched.ts'

/** Runs that end when they are told to. */
function heldBack() {
  const begun: { inputs: number[]; end: PromiseWithResolvers<void> }[] = []
  const run = async (inputs: number[]) => {
    const end = Promise.withResolvers<void>()
    begun.push({ inputs, end })
    await end.promise
    return inputs.map(input => input * 10)
  }
  return { begun, run }
}

test('the first is sent at once, and what comes meanwhile goes together', async () => {
  const { begun, run } = heldBack()
  const ask = batched(run, { most: 2 })
  const answers = [ask(1), ask(2), ask(3), ask(4)]
  expect(begun.map(({ inputs }) => inputs)).toEqual([[1]])
  begun[0]?.end.resolve()
  await expect(answers[0]).resolves.toBe(10)
  await expect.poll(() => begun.length).toBe(2)
  expect(begun[1]?.inputs).toEqual([2, 3])
  begun[1]?.end.resolve()
  await expect.poll(() => begun.length).toBe(3)
  begun[2]?.end.resolve()
  expect(await Promise.all(answers)).toEqual([10, 20, 30, 40])
})

test('nobody fails for a neighbour', async () => {
  const first = Promise.withResolvers<void>()
  const ask = batched(async (inputs: string[]) => {
    if (inputs.includes('first')) await first.promise
    if (inputs.includes('bad')) throw new Error('bad')
    return inputs
  })
  const answers = Promise.allSettled([ask('first'), ask('good'), ask('bad'), ask('also good')])
  first.resolve()
  expect((await answers).map(answer => (answer.status === 'fulfilled' ? answer.value : 'failed'))).toEqual([
    'first',
    'good',
    'failed',
    'also good',
  ])
})

test('an answer that is missing fails its asker', async () => {
  await expect(batched(async () => [])(1)).rejects.toThrow('did not answer for everybody')
})
