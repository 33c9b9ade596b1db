import type { Model } from './model.ts'

export type ModelCheck = { ok: true } | { ok: false; sentence: string }

/**
 * Whether a model is reachable, its name known and its key good, in one sentence if not. Costs nothing where models are
 * listed, one token elsewhere.
 * @param options.timeoutMs default 10 s
 */
export async function checkModel(model: Model, options: { timeoutMs?: number } = {}): Promise<ModelCheck> {
  try {
    await model.probe(AbortSignal.timeout(options.timeoutMs ?? 10_000))
    return { ok: true }
  } catch (error) {
    return { ok: false, sentence: error instanceof Error ? error.message : String(error) }
  }
}
