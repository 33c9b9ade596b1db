import { Strategy } from '@code-agent/jobs/run'
import { z } from 'zod'

const builtIn: readonly Strategy[] = [
  { name: 'Smallest edit', brief: 'Change as few lines as possible, right where the request points.' },
  {
    name: 'At the root',
    brief:
      'Change the place where the behaviour comes from, so that all its users profit, even if that touches more lines.',
  },
  {
    name: 'Named and reusable',
    brief: 'Introduce a well-named constant, variable, function or setting for what the request is about, and use it.',
  },
  { name: 'Defensive', brief: 'Make the change and handle the missing, empty and unexpected cases around it.' },
  { name: 'With tests', brief: 'Make the smallest edit and add or adapt the tests that cover it.' },
  {
    name: 'Like its neighbours',
    brief: 'Find how this code base solves similar things and make the change in exactly that manner.',
  },
  {
    name: 'Extracted',
    brief: 'Move the changed logic into a unit of its own with a clear interface, and use it from the old place.',
  },
  {
    name: 'Documented',
    brief: 'Make the smallest edit and document it where its users look: comments, README or changelog.',
  },
]

const LooseStrategy = z.looseObject({
  name: z.string(),
  brief: z.string().optional(),
  description: z.string().optional(),
})
const LoosePlan = z.union([
  z.looseObject({ strategies: z.array(LooseStrategy) }).transform(plan => plan.strategies),
  z.array(LooseStrategy),
])

export interface Plan {
  /** As many as asked for, with different names. */
  strategies: Strategy[]
  /** How many of them are the model's; the rest are built in. */
  fromModel: number
}

/** Reads the planner's answer; what is missing or does not parse is filled up with built-in strategies. Never throws. */
export function parsePlan(text: string, count: number): Plan {
  const parsed = LoosePlan.safeParse(jsonIn(text))
  const planned = parsed.success ? parsed.data.flatMap(tidy) : []
  const own = unique(planned).slice(0, count)
  return { strategies: unique([...own, ...fillers(count)]).slice(0, count), fromModel: own.length }
}

/** The built-in strategies, as many as wanted; beyond them they are numbered. */
function fillers(count: number): Strategy[] {
  const rounds = Math.ceil((2 * count) / builtIn.length)
  return Array.from({ length: rounds }, (_, round) =>
    builtIn.map(({ name, brief }) =>
      round === 0
        ? { name, brief }
        : { name: `${name} ${round + 1}`, brief: `${brief} Choose another way than the obvious one.` },
    ),
  ).flat()
}

function jsonIn(text: string): unknown {
  const candidates = [
    text,
    /```(?:json)?\s*\n([\s\S]*?)```/.exec(text)?.[1],
    slice(text, '{', '}'),
    slice(text, '[', ']'),
  ]
  for (const candidate of candidates) {
    try {
      return JSON.parse(candidate ?? '')
    } catch {
      // The next candidate may parse.
    }
  }
  return undefined
}

function slice(text: string, open: string, close: string): string {
  return text.slice(Math.max(0, text.indexOf(open)), text.lastIndexOf(close) + 1)
}

function tidy(strategy: z.infer<typeof LooseStrategy>): Strategy[] {
  const plain = (value: string) => value.replace(/[\s\p{C}]+/gu, ' ').trim()
  const cut = (value: string, most: number) => [...value].slice(0, most).join('').slice(0, most).trim()
  const name = cut(plain(strategy.name), 60)
  const parsed = Strategy.safeParse({
    name,
    brief: cut(plain(strategy.brief ?? strategy.description ?? ''), 2_000) || name,
  })
  return parsed.success ? [parsed.data] : []
}

function unique(strategies: readonly Strategy[]): Strategy[] {
  const seen = new Set<string>()
  return strategies.filter(({ name }) => !seen.has(name.toLowerCase()) && seen.add(name.toLowerCase()))
}
