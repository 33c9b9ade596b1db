import type { Strategy } from '@code-agent/jobs/run'
import { parsePlan } from '@code-agent/llm/plan'
import type { ProjectSettings } from './project-settings.ts'

/** The strategies a project names, as many as there are variants, with the model and effort each is to have. */
export function namedStrategies(settings: ProjectSettings, count: number): Strategy[] {
  return (settings.strategies ?? []).slice(0, count).map(strategy => withDefaults(strategy, settings))
}

/** Fills up to `count` by what the planner answered, and by what is built in where that is too little. */
export function filledUp(named: Strategy[], answer: string, settings: ProjectSettings, count: number): Strategy[] {
  const taken = new Set(named.map(({ name }) => name.toLowerCase()))
  const planned = parsePlan(answer, count)
    .strategies.filter(({ name }) => !taken.has(name.toLowerCase()))
    .map(strategy => withDefaults(strategy, settings))
  return [...named, ...planned].slice(0, count)
}

/** Only what differs from the installation is written down. */
function withDefaults({ name, brief, model, effort }: Strategy, settings: ProjectSettings): Strategy {
  const [itsModel, itsEffort] = [model ?? settings.model, effort ?? settings.effort]
  return {
    name,
    brief,
    ...(itsModel === undefined ? {} : { model: itsModel }),
    ...(itsEffort === undefined ? {} : { effort: itsEffort }),
  }
}

/** Models that several variants ask, with whose effort: worth a call that fills their cache before they all come at once. */
export function sharedModels(strategies: readonly Strategy[]): Pick<Strategy, 'model' | 'effort'>[] {
  const first = new Map<string | undefined, Strategy>()
  const shared = new Map<string | undefined, Pick<Strategy, 'model' | 'effort'>>()
  for (const strategy of strategies) {
    const before = first.get(strategy.model)
    if (before) shared.set(strategy.model, before)
    else first.set(strategy.model, strategy)
  }
  return [...shared.values()]
}
