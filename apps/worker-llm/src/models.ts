import { Rejected } from '@code-agent/jobs/errors'
import type { Model } from '@code-agent/llm/model'
import type { ModelConfig } from '@code-agent/llm/model-config'
import { type ModelCallRecord, observedModel } from '@code-agent/llm/observed-model'
import { openModel } from '@code-agent/llm/open-model'

/** The models of an installation: one by default, and those a project may choose instead. */
export type Models = {
  /** Names, the default first. */
  offered: readonly string[]
  /** The default without a name. @throws Rejected for one that is not offered */
  named(name?: string): Model
}

/** @param configs by the names under which they are offered, the default first; `observe` is told of each call */
export function openModels(
  configs: ReadonlyMap<string, ModelConfig>,
  observe: (call: ModelCallRecord) => void = () => {},
): Models {
  const models = new Map([...configs].map(([name, config]) => [name, observedModel(openModel(config), observe)]))
  const offered = [...models.keys()]
  return {
    offered,
    named(name = offered[0]) {
      const model = models.get(name ?? '')
      if (!model) throw new Rejected(`The model “${name}” is not offered here; offered are ${offered.join(', ')}.`)
      return model
    },
  }
}
