/** Told where this process stands, so that a trial of recovery may end it there; see crash-point in service. */
export type CrashPoint = (place: string) => void

/** The verbs that change a run's state or keep what was paid for. */
const verbs: ReadonlySet<string> = new Set([
  'acceptRun',
  'admit',
  'planned',
  'refuse',
  'failAdmission',
  'cancel',
  'conclude',
  'saveOverview',
  'ended',
  'variantDone',
  'variantFailed',
  'savePatch',
  'saveAnswer',
])

/** `store` with a place before and one after every change of state: `planned:before`, `savePatch@2:after`. */
export function withCrashPlaces<T extends object>(store: T, crash: CrashPoint | undefined): T {
  if (!crash) return store
  return new Proxy(store, {
    get(target, name, receiver) {
      const verb: unknown = Reflect.get(target, name, receiver)
      if (typeof verb !== 'function' || typeof name !== 'string' || !verbs.has(name)) return verb
      return async (of: { variant?: number }) => {
        const place = placeOf(name, of.variant)
        crash(`${place}:before`)
        const result: unknown = await Reflect.apply(verb, target, [of])
        crash(`${place}:after`)
        return result
      }
    },
  })
}

export function placeOf(name: string, variant: number | undefined): string {
  return variant ? `${name}@${variant}` : name
}
