/** How fast an installation notices that something died. */
export type Pace = {
  /** Settings of every process that knows them. */
  env: Record<string, string>
  /** How long a run may take after the last fault before it counts as stuck, in ms. */
  patienceMs: number
}

export const paceNames = ['hasty', 'fast', 'production'] as const
export type PaceName = (typeof paceNames)[number]

const fast = {
  EFFECT_LEASE_SECONDS: '8',
  LOCK_SECONDS: '4',
  STALLED_SECONDS: '1',
  SWEEP_SECONDS: '1',
  SUSPECT_SECONDS: '6',
  IDLE_SECONDS: '25',
  SHUTDOWN_GRACE_SECONDS: '3',
  MODEL_CALL_SECONDS: '6',
  POLL_SECONDS: '8',
}

/**
 * fast: everything waits a fifth as long, so that a schedule takes seconds. hasty: half of that again, for trials of one
 * crash after the other. production: the defaults of every setting.
 */
export const paces: Record<PaceName, Pace> = {
  hasty: {
    env: { ...fast, EFFECT_LEASE_SECONDS: '5', LOCK_SECONDS: '2.5', STALLED_SECONDS: '0.5', SWEEP_SECONDS: '0.5' },
    patienceMs: 150_000,
  },
  fast: { env: fast, patienceMs: 150_000 },
  production: { env: {}, patienceMs: 600_000 },
}
