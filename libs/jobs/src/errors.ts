/**
 * What an error tells the queue. Adapters map foreign errors to these once; anything else is retried with backoff.
 * The message of every class is read by people, in a comment on their pull request.
 */

/** Trying again cannot help: the step fails for good with this message as its reason. */
export class Rejected extends Error {
  override name = 'Rejected'
}

/** Not before `until`, by anybody who shares `gate`: the wait burns no attempt. */
export class Throttled extends Error {
  override name = 'Throttled'
  readonly until: Date
  /** Name of the credential or model that must rest, as in the gates table. */
  readonly gate: string
  constructor(message: string, options: { until: Date; gate: string; cause?: unknown }) {
    super(message, { cause: options.cause })
    this.until = options.until
    this.gate = options.gate
  }
}

/** Somebody else holds the effect, or a gate is closed: look again at `until`. Burns no attempt. */
export class Postponed extends Error {
  override name = 'Postponed'
  readonly until: Date
  constructor(message: string, options: { until: Date }) {
    super(message)
    this.until = options.until
  }
}

/** The run moved on (cancelled, newer generation, past its deadline): this job has nothing left to do and ends quietly. */
export class Superseded extends Error {
  override name = 'Superseded'
}

/**
 * What is certain about an effect after an error: nothing happened (nobody need look), or nothing is under way any more
 * (look, but at once). Without it the lease is waited out, since what was asked may yet arrive.
 */
export type Aftermath = 'nothing-happened' | 'nothing-under-way'

/** Worth another try, and an answer came: nothing is under way any more. */
export class Answered extends Error {
  override name = 'Answered'
  readonly aftermath: Aftermath = 'nothing-under-way'
}
