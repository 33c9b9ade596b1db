/** How fast an installation notices that something died. */
export type Pace = {
  /** Settings of every process that knows them. */
  env: Record<string, string>
  /** How long a run may take after the last fault before it counts as stuck, in ms. */
  patienceMs: number
}

export const paceNames = ['fast', 'production'] as const
export type PaceName = (typeof paceNames)[number]

/** fast: everything waits a fifth as long, so that a schedule takes seconds. production: the defaults of every setting. */
export const paces: Record<PaceName, Pace> = {
  fast: {
    env: {
      EFFECT_LEASE_SECONDS: '8',
      LOCK_SECONDS: '4',
      STALLED_SECONDS: '1',
      SWEEP_SECONDS: '1',
      SUSPECT_SECONDS: '6',
      IDLE_SECONDS: '25',
      SHUTDOWN_GRACE_SECONDS: '3',
      MODEL_CALL_SECONDS: '6',
    },
    patienceMs: 150_000,
  },
  production: { env: {}, patienceMs: 600_000 },
}
