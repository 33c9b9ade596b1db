import { decodeConfig } from '@code-agent/service/config'
import { dataKeySettings, dataKeys } from '@code-agent/service/data-key-settings'
import { environment } from '@code-agent/service/environment'
import { linkSettings, linkToRun } from '@code-agent/service/link-settings'
import { databaseSettings } from '@code-agent/service/settings'
import { openStore, type Store } from '@code-agent/store/store'
import { z } from 'zod'

const DatabaseSettings = z.object({ ...databaseSettings, ...dataKeySettings })

const AzureDevOpsSettings = z.object({
  AZURE_DEVOPS_URL: z.url().meta({
    description: 'The organisation or collection',
    example: 'https://dev.azure.com/contoso',
  }),
  AZURE_DEVOPS_TOKEN: z.string().min(8).optional(),
  AZURE_DEVOPS_TOKEN_KIND: z.enum(['pat', 'bearer']).default('pat'),
  AZURE_DEVOPS_ADMIN_TOKEN: z.string().min(8).optional(),
  AZURE_DEVOPS_ADMIN_TOKEN_KIND: z.enum(['pat', 'bearer']).default('pat'),
})

/** The database of DATABASE_URL for as long as `work` takes. */
export async function withStore<T>(work: (store: Store) => Promise<T>): Promise<T> {
  const settings = decodeConfig(DatabaseSettings, environment())
  const keys = dataKeys(settings, { warn: () => {} })
  const store = openStore({ url: settings.DATABASE_URL, dataKeys: keys, max: 2, applicationName: 'code-agent cli' })
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}

/** Where a run can be watched; undefined without PUBLIC_URL and LINK_KEY. */
export function linkFromEnvironment(run: { runId: string; createdAt: Date }): string | undefined {
  return linkToRun(decodeConfig(z.object(linkSettings), environment()))?.(run)
}

/** What to connect to Azure DevOps with: the administrator's credential if one is given, else the bot's. */
export function azureDevOpsFromEnvironment(): { url: string; token: string; kind: 'pat' | 'bearer'; gate: string } {
  const settings = decodeConfig(AzureDevOpsSettings, environment())
  const { AZURE_DEVOPS_ADMIN_TOKEN: admin, AZURE_DEVOPS_TOKEN: bot } = settings
  const token = admin ?? bot
  if (token === undefined) throw new Error('neither AZURE_DEVOPS_ADMIN_TOKEN nor AZURE_DEVOPS_TOKEN is set')
  const kind = admin === undefined ? settings.AZURE_DEVOPS_TOKEN_KIND : settings.AZURE_DEVOPS_ADMIN_TOKEN_KIND
  return { url: settings.AZURE_DEVOPS_URL, token, kind, gate: 'operator' }
}
