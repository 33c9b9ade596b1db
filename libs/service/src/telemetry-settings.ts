import { z } from 'zod'

const samplers = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const

const namedValues = /^[^=,\s]+=[^,]*(,\s*[^=,\s]+=[^,]*)*$/

/** `name=value,name=value`, values percent-encoded, as OpenTelemetry's variables have them. */
export function readNamedValues(text: string | undefined): Record<string, string> {
  const pairs = (text ?? '').split(',').flatMap(pair => {
    const equals = pair.indexOf('=')
    return equals < 0 ? [] : [[pair.slice(0, equals).trim(), decodeURIComponent(pair.slice(equals + 1).trim())]]
  })
  return Object.fromEntries(pairs)
}

/** Of every process: where traces, and for Azure Monitor logs and metrics too, go besides the log and /metrics. */
export const telemetrySettings = {
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .url({ protocol: /^https?$/, error: 'expected a URL that begins with http' })
    .optional()
    .meta({
      description:
        'Where traces are sent by OTLP over HTTP, as JSON to /v1/traces below it; nothing of it is loaded without',
      example: 'http://collector.internal:4318',
    }),
  OTEL_EXPORTER_OTLP_HEADERS: z
    .string()
    .regex(namedValues, 'expected name=value, several with commas between them')
    .optional()
    .meta({ description: 'Headers sent along with them', example: 'api-key=a-long-random-text', secret: true }),
  OTEL_TRACES_SAMPLER: z.enum(samplers).default('parentbased_always_on').meta({
    description: 'Which traces are kept, by the names OpenTelemetry has for it',
    example: 'parentbased_traceidratio',
  }),
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0).max(1).default(1).meta({
    description: 'Their share, for the samplers with traceidratio',
    example: '0.1',
  }),
  OTEL_RESOURCE_ATTRIBUTES: z
    .string()
    .regex(namedValues, 'expected name=value, several with commas between them')
    .optional()
    .meta({
      description: 'What every span says of where it comes from',
      example: 'deployment.environment.name=production',
    }),
  APPLICATIONINSIGHTS_CONNECTION_STRING: z
    .string()
    .regex(/InstrumentationKey=/i, 'expected InstrumentationKey=…;IngestionEndpoint=…')
    .optional()
    .meta({
      description: 'Traces, metrics and logs go to this Application Insights as well; nothing of it is loaded without',
      example:
        'InstrumentationKey=00000000-0000-0000-0000-000000000000;IngestionEndpoint=https://westeurope-1.in.applicationinsights.azure.com/',
      secret: true,
    }),
}

export const TelemetrySettings = z.object(telemetrySettings)
export type TelemetrySettings = z.infer<typeof TelemetrySettings>
