import { parseArgs } from 'node:util'
import { decodeConfig } from '@code-agent/service/config'
import { dataKeySettings, dataKeys } from '@code-agent/service/data-key-settings'
import { environment } from '@code-agent/service/environment'
import { databaseSettings } from '@code-agent/service/settings'
import { rotateKeys } from '@code-agent/store/rotate-keys'
import { z } from 'zod'
import { answer, type Command } from './command.ts'

export const rotateKeysCommand: Command = {
  help: `npm run rotate-keys [-- --json]: seals by DATA_KEY what DATA_KEY_PREVIOUS sealed, while the fleet works.

Give every app the new DATA_KEY with the old one as DATA_KEY_PREVIOUS, run this until it says 0, then take the old one out.`,
  async run(args) {
    const { values } = parseArgs({ args, options: { json: { type: 'boolean', default: false } } })
    const settings = decodeConfig(z.object({ ...databaseSettings, ...dataKeySettings }), environment())
    const keys = dataKeys(settings, { warn: () => {} })
    if (settings.DATA_KEY === undefined) throw new Error('DATA_KEY is not set')
    const { sealedAnew } = await rotateKeys({ url: settings.DATABASE_URL, keys })
    answer({ json: values.json, data: { sealedAnew }, text: `sealed anew: ${sealedAnew}` })
    return 0
  },
}
