import type { AzureDevOps } from '@code-agent/ado/port'

/** Asks a list instead of Azure DevOps for the right to ask; for all who ask, at admission and again before each push. */
export function withAllowedUsers(ado: AzureDevOps, allowed: string | undefined): AzureDevOps {
  if (allowed === undefined) return ado
  const ids = new Set(allowed.toLowerCase().split(/[\s,]+/))
  return {
    ...ado,
    async mayContribute({ identityId }) {
      return ids.has(identityId.toLowerCase())
        ? { allowed: true, because: 'They are on the list of those who may ask.' }
        : {
            allowed: false,
            because: `You are not on the list of those who may ask for edits here. Ask whoever operates this service to add your id, ${identityId}.`,
          }
    },
  }
}
