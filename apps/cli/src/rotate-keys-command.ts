import { decodeConfig } from '@code-agent/service/config'
import { dataKeySettings, dataKeys } from '@code-agent/service/data-key-settings'
import { environment } from '@code-agent/service/environment'
import { databaseSettings } from '@code-agent/service/settings'
import { rotateKeys } from '@code-agent/store/rotate-keys'
import { z } from 'zod'
import type { Command } from './command.ts'

export const rotateKeysCommand: Command = {
  help: `npm run rotate-keys: seals by DATA_KEY what DATA_KEY_PREVIOUS sealed, while the fleet works.

Give every app the new DATA_KEY with the old one as DATA_KEY_PREVIOUS, run this until it says 0, then take the old one out.`,
  async run() {
    const settings = decodeConfig(z.object({ ...databaseSettings, ...dataKeySettings }), environment())
    const keys = dataKeys(settings, { warn: () => {} })
    if (settings.DATA_KEY === undefined) throw new Error('DATA_KEY is not set')
    const { sealedAnew } = await rotateKeys({ url: settings.DATABASE_URL, keys })
    process.stderr.write(`sealed anew: ${sealedAnew}\n`)
    return 0
  },
}
