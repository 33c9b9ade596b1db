import { z } from 'zod'
import type { Log } from './log.ts'

const key = z.string().regex(/^(?:[0-9a-f]{64}|[A-Za-z0-9+/]{43}=)$/i, 'expected 32 bytes in base64 or hex')

/** Of every process that reads or writes what people asked and models wrote. */
export const dataKeySettings = {
  DATA_KEY: key.optional().meta({
    description:
      'Seals intents, patches and conversations in Postgres (AES-256-GCM); 32 bytes, the same in every app, as from `openssl rand -base64 32`',
    example: 'q83vEjRWeJASNFZ4kBI0VniQEjRWeJASNFZ4kBI0Vng=',
  }),
  DATA_KEY_PREVIOUS: key.optional().meta({
    description: 'The key before the last change, needed until everything is sealed by the new one',
    example: 'the former DATA_KEY',
  }),
}

/** The keys as the store takes them, the one that seals first; warns when there is none. */
export function dataKeys(
  settings: { DATA_KEY?: string | undefined; DATA_KEY_PREVIOUS?: string | undefined },
  log: Pick<Log, 'warn'>,
): string[] {
  if (settings.DATA_KEY === undefined)
    log.warn('without DATA_KEY intents, patches and conversations are stored readable in Postgres')
  return [settings.DATA_KEY, settings.DATA_KEY_PREVIOUS].filter(one => one !== undefined)
}
