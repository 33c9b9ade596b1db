/** One thing that goes wrong; plain data, so that a schedule can be printed and compared. */
export type Fault =
  | { kind: 'crash'; place: string }
  | { kind: 'kill' | 'terminate'; app: TroubledApp; which: number; pauseMs: number }
  | { kind: 'kill-both'; app: TroubledApp; pauseMs: number }
  | { kind: 'redis-restart'; pauseMs: number }
  | { kind: 'redis-flush' }
  | { kind: 'redis-script-flush' }
  | { kind: 'redis-tail-cut'; share: number; pauseMs: number }
  | { kind: 'redis-failover'; lostMs: number }
  | { kind: 'connections-reset' | 'half-open-for-good'; of: Server }
  | { kind: 'cut' | 'half-open' | 'slice'; of: Server; ms: number }
  | { kind: 'latency'; of: Server; latencyMs: number; ms: number }
  | { kind: 'azure'; trouble: AzureTrouble; method: string; path: string; nth: number; times: number; ms: number }
  | { kind: 'model'; trouble: ModelTrouble; variant: number; times: number }
  | { kind: 'replay'; times: number }
  | { kind: 'events-lost'; ms: number }
  | { kind: 'clock'; app: TroubledApp; seconds: number; ms: number }
  | { kind: 'redis-memory-full' | 'redis-disk-full' | 'postgres-disk-full'; ms: number }
  | { kind: 'postgres-restart'; pauseMs: number }

export type FaultKind = Fault['kind']

export const troubledApps = ['gateway', 'worker-ado', 'worker-llm', 'flow-supervisor'] as const
export type TroubledApp = (typeof troubledApps)[number]

export type Server = 'redis' | 'postgres'

export const azureTroubles = [
  'cut-before',
  'cut-after',
  'throttled',
  'unavailable',
  'failed-after-effect',
  'delay',
  'late-effect',
  'silent-late-effect',
] as const
export type AzureTrouble = (typeof azureTroubles)[number]

export const modelTroubles = [
  'throttled',
  'overloaded',
  'failed',
  'cut',
  'stalled',
  'slow',
  'overloaded-in-stream',
] as const
export type ModelTrouble = (typeof modelTroubles)[number]

/** What a record of many schedules is kept by. */
export function classOf(fault: Fault): string {
  switch (fault.kind) {
    case 'crash':
      return 'crash point'
    case 'kill':
    case 'terminate':
      return `${fault.kind === 'kill' ? 'kill -9' : 'SIGTERM'} ${fault.app}`
    case 'kill-both':
      return `kill -9 both ${fault.app}`
    case 'azure':
      return `Azure DevOps ${fault.trouble}`
    case 'model':
      return `model ${fault.trouble}`
    case 'connections-reset':
    case 'half-open-for-good':
    case 'cut':
    case 'half-open':
    case 'slice':
    case 'latency':
      return `${fault.of} ${fault.kind}`
    case 'redis-restart':
    case 'redis-flush':
    case 'redis-script-flush':
    case 'redis-tail-cut':
    case 'redis-failover':
    case 'replay':
    case 'events-lost':
    case 'redis-memory-full':
    case 'redis-disk-full':
    case 'postgres-disk-full':
    case 'postgres-restart':
      return fault.kind
    case 'clock':
      return `clock ${fault.seconds < 0 ? 'back' : 'ahead'} ${fault.app}`
  }
}

const effectKinds = [
  'status-pending',
  'start-comment',
  'model-call',
  'commit-patch',
  'open-draft-pr',
  'announce-variant',
  'publish-overview',
  'status-final',
  'close-thread',
]
const effectParts = ['before-claim', 'after-claim', 'after-act', 'after-settle']

const changes = [
  'acceptRun',
  'admit',
  'planned',
  'saveAnswer',
  'savePatch',
  'variantDone',
  'conclude',
  'saveOverview',
  'ended',
]

const dispatches = ['dispatch-admission', 'dispatch-variants']

/** Every place of a run that ends well at which a process can be made to die. */
export const crashPlaces: readonly string[] = [
  ...effectKinds.flatMap(kind => effectParts.map(part => `${kind}:${part}`)),
  ...changes.flatMap(verb => [`${verb}:before`, `${verb}:after`]),
  ...dispatches.flatMap(add => [`${add}:before-add`, `${add}:after-add`]),
]
