import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { dueChannel, endingChannel } from './notify.ts'

export type Listening = { stop(): Promise<void> }

export type Listen = {
  /** Calls `onWake` whenever something became due, once at the start and once after each reconnection: what was missed meanwhile shows then. */
  listenForWork(onWake: () => void): Promise<Listening>
  /** Calls `onEnding` with the id of a run that was told to end (cancelled, late, stuck). May miss some while disconnected. */
  listenForEndings(onEnding: (runId: string) => void): Promise<Listening>
}

/** A connection of its own each: LISTEN belongs to a session, and a pool's sessions come and go. */
export function listenPart(url: string, applicationName: string): Listen {
  return {
    listenForWork: onWake =>
      listen({ url, applicationName, channel: dueChannel, onNotice: () => onWake(), onConnected: onWake }),
    listenForEndings: onEnding =>
      listen({ url, applicationName, channel: endingChannel, onNotice: onEnding, onConnected: () => {} }),
  }
}

type Subscription = {
  url: string
  applicationName: string
  channel: string
  onNotice: (payload: string) => void
  onConnected: () => void
}

async function listen(to: Subscription): Promise<Listening> {
  const stopped = new AbortController()
  const first = Promise.withResolvers<void>()
  const listening = keepListening(to, stopped.signal, first.resolve)
  await Promise.race([first.promise, delay(2_000, undefined, { ref: false })])
  return {
    stop: async () => {
      stopped.abort()
      await listening
    },
  }
}

async function keepListening(to: Subscription, stopped: AbortSignal, connected: () => void): Promise<void> {
  for (let failures = 0; !stopped.aborted; ) {
    try {
      await listenOnce(to, stopped, () => {
        failures = 0
        connected()
      })
    } catch {
      failures += 1
    }
    await delay(Math.min(5_000, 100 * 2 ** failures), undefined, { signal: stopped }).catch(() => {})
  }
}

async function listenOnce(to: Subscription, stopped: AbortSignal, connected: () => void): Promise<void> {
  const client = new pg.Client({
    connectionString: to.url,
    application_name: to.applicationName,
    connectionTimeoutMillis: 5_000,
    query_timeout: 5_000,
    keepAlive: true,
  })
  const ended = Promise.withResolvers<void>()
  client.on('error', () => ended.resolve())
  client.on('end', () => ended.resolve())
  client.on('notification', notice => to.onNotice(notice.payload ?? ''))
  const stop = () => ended.resolve()
  stopped.addEventListener('abort', stop)
  try {
    await client.connect()
    await client.query(`LISTEN ${pg.escapeIdentifier(to.channel)}`)
    connected()
    to.onConnected()
    // A half-open connection is silent for hours; a question now and then finds it out.
    const beat = setInterval(() => client.query('SELECT 1').catch(stop), 15_000)
    if (stopped.aborted) stop()
    await ended.promise
    clearInterval(beat)
  } finally {
    stopped.removeEventListener('abort', stop)
    await Promise.race([client.end(), delay(1_000, undefined, { ref: false })]).catch(() => {})
  }
}
