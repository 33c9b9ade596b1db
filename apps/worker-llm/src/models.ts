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

/** @param config of the default model; the others are served at the same place with the same key; `observe` is told of each call */
export function openModels(
  config: ModelConfig,
  others: readonly string[],
  observe: (call: ModelCallRecord) => void = () => {},
): Models {
  const offered = [...new Set([config.model, ...others])]
  const models = new Map(offered.map(model => [model, observedModel(openModel({ ...config, model }), observe)]))
  return {
    offered,
    named(name = config.model) {
      const model = models.get(name)
      if (!model) throw new Rejected(`The model “${name}” is not offered here; offered are ${offered.join(', ')}.`)
      return model
    },
  }
}
