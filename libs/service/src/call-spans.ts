import type { HttpCall, ModelCall } from './call-metrics.ts'
import type { Tracing } from './tracing.ts'

/** `route`: the path with `{}` for whatever is not of a closed set of words. */
export type RoutedCall = HttpCall & { route: string; activityId?: string | undefined }

/** Each request to Azure DevOps as a span. Neither its address nor what was sent or answered is on it. */
export function azureDevOpsSpans(tracing: Tracing): (call: RoutedCall) => void {
  return ({ method, route, status, milliseconds, activityId }) => {
    const failed = status === 0 || status >= 400
    tracing.record({
      name: `${method} ${route}`,
      kind: 'client',
      sinceMs: milliseconds,
      attributes: {
        'http.request.method': method,
        'url.template': route,
        'http.response.status_code': status || undefined,
        'peer.service': 'azure-devops',
        'azure_devops.activity_id': activityId,
      },
      failure: failed ? { type: status === 0 ? 'no-answer' : String(status) } : undefined,
    })
  }
}

/** What is told of a call of a model, for whoever reads traces. */
export type NamedModelCall = ModelCall & {
  provider: string
  model: string
  maxOutputTokens: number
  /** By its server's account. */
  answeredBy?: string
  stop?: string
}

const failures: ReadonlySet<ModelCall['status']> = new Set(['throttled', 'rejected', 'stopped', 'failed'])

/** Each call of a model as a span by OpenTelemetry's conventions for generative AI: no prompt and no answer is on it. */
export function modelSpans(tracing: Tracing): (call: NamedModelCall) => void {
  return call => {
    const { usage } = call
    tracing.record({
      name: `chat ${call.model}`,
      kind: 'client',
      sinceMs: call.seconds * 1_000,
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': call.provider === 'anthropic' ? 'anthropic' : 'openai',
        'gen_ai.request.model': call.model,
        'gen_ai.request.max_tokens': call.maxOutputTokens,
        'gen_ai.response.model': call.answeredBy,
        'gen_ai.response.finish_reasons': call.stop === undefined ? undefined : [call.stop],
        'gen_ai.usage.input_tokens': usage && usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens,
        'gen_ai.usage.output_tokens': usage?.outputTokens,
        'gen_ai.usage.cache_read.input_tokens': usage?.cacheReadTokens,
        'gen_ai.usage.cache_creation.input_tokens': usage?.cacheWriteTokens,
        'code_agent.model.status': call.status,
        'code_agent.model.cost_usd': call.costUsd,
      },
      failure: failures.has(call.status) ? { type: call.status } : undefined,
    })
  }
}
