import { sql } from 'kysely'
import { type Accept, acceptPart } from './accept.ts'
import { type Attempts, attemptsPart } from './attempts.ts'
import { type Budgets, budgetsPart } from './budgets.ts'
import { type AroundEffect, type Claims, claimPart } from './claim.ts'
import { type Conclude, concludePart } from './conclude.ts'
import { type CrashPoint, withCrashPlaces } from './crash-places.ts'
import { type DatabaseOptions, openDatabase } from './database.ts'
import { type DispatchPart, dispatchPart } from './dispatch.ts'
import { type Effects, effectsPart } from './effects.ts'
import { type EndedRuns, endedRunsPart } from './ended-runs.ts'
import { type Forget, forgetPart } from './forget.ts'
import { type Gates, gatesPart } from './gates.ts'
import { type Listen, listenPart } from './listen.ts'
import { type OverdueRuns, overdueRunsPart } from './overdue-runs.ts'
import { type Patches, patchesPart } from './patches.ts'
import { type Pauses, pausesPart } from './pauses.ts'
import { type Read, readPart } from './read.ts'
import { type Recurring, recurringPart } from './recurring.ts'
import { type RetryRun, retryRunPart } from './retry-run.ts'
import { type RunPageReads, runPageReadsPart } from './run-page-reads.ts'
import { sealedStore } from './sealed-store.ts'
import { openSeal } from './sealed-text.ts'
import { type Settings, settingsPart } from './settings.ts'
import { type Slugs, slugsPart } from './slugs.ts'
import { type SpentToday, spentTodayPart } from './spent-today.ts'
import { type Sweep, sweepPart } from './sweep.ts'
import { type Tasks, tasksPart } from './tasks.ts'
import { type Transitions, transitionsPart } from './transitions.ts'
import { type UsagePart, usagePart } from './usage.ts'
import { type Variants, variantsPart } from './variants.ts'
import { type Waits, waitsPart } from './waits.ts'

/** All of it; ask for the parts you need, `Claims & Read`, rather than for this. */
export type Store = Accept &
  Attempts &
  Budgets &
  Claims &
  Conclude &
  DispatchPart &
  Effects &
  EndedRuns &
  Forget &
  Gates &
  Listen &
  OverdueRuns &
  Patches &
  Pauses &
  Read &
  Recurring &
  RetryRun &
  RunPageReads &
  Settings &
  Slugs &
  SpentToday &
  Sweep &
  Tasks &
  Transitions &
  UsagePart &
  Variants &
  Waits & {
    /** @throws when the database does not answer */
    ping(): Promise<void>
    close(): Promise<void>
  }

export type StoreOptions = DatabaseOptions & {
  /** How long an effect is somebody's before another may look after it; 40 s if not given. */
  leaseMs?: number
  /** For trials of recovery. */
  crash?: CrashPoint | undefined
  /** Does each effect within what its trace says of it. */
  aroundEffect?: AroundEffect
  /** The first seals what people and models wrote, all of them open it; without one it is stored as it is. */
  dataKeys?: readonly string[]
}

/** Opens a pool; connects with the first question. The schema must be there: see migrate. */
export function openStore(options: StoreOptions): Store {
  const { db } = openDatabase(options)
  const store: Store = {
    ...acceptPart(db),
    ...attemptsPart(db),
    ...budgetsPart(db),
    ...claimPart(db),
    ...(options.leaseMs === undefined ? {} : { leaseMs: options.leaseMs }),
    ...(options.crash ? { crash: options.crash } : {}),
    ...(options.aroundEffect ? { aroundEffect: options.aroundEffect } : {}),
    ...concludePart(db),
    ...dispatchPart(db),
    ...effectsPart(db),
    ...endedRunsPart(db),
    ...forgetPart(db),
    ...gatesPart(db),
    ...listenPart(options.url, options.applicationName ?? 'code-agent'),
    ...overdueRunsPart(db),
    ...patchesPart(db),
    ...pausesPart(db),
    ...readPart(db),
    ...recurringPart(db),
    ...retryRunPart(db),
    ...runPageReadsPart(db),
    ...settingsPart(db),
    ...slugsPart(db),
    ...spentTodayPart(db),
    ...sweepPart(db),
    ...tasksPart(db),
    ...transitionsPart(db),
    ...usagePart(db),
    ...variantsPart(db),
    ...waitsPart(db),
    ping: async () => {
      await sql`SELECT 1`.execute(db)
    },
    close: () => db.destroy(),
  }
  const seal = openSeal(options.dataKeys ?? [])
  return withCrashPlaces(seal ? sealedStore(store, seal) : store, options.crash)
}
