import type { GitSetting } from './git-process.ts'

/** `basic`: a personal access token, or user and password. `bearer`: an access token of Entra ID. */
export type CloneCredential = { username?: string; token: string; kind: 'basic' | 'bearer' }

/** The header goes to the clone URL's origin only: another host git might be sent to never sees it. */
export function credentialSettings(cloneUrl: URL, credential: CloneCredential | undefined): GitSetting[] {
  if (!credential || cloneUrl.protocol === 'file:') return []
  return [[`http.${cloneUrl.origin}/.extraHeader`, `Authorization: ${authorization(credential)}`]]
}

function authorization({ username = '', token, kind }: CloneCredential): string {
  if (kind === 'bearer') return `Bearer ${token}`
  return `Basic ${Buffer.from(`${username}:${token}`).toString('base64')}`
}
