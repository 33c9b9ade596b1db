import type { IncomingHttpHeaders } from 'node:http'
import { newestVersion } from '../contract/locations.ts'
import { ServiceError } from './service-error.ts'

function asNumber(version: string): number {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major * 100 + minor
}

/**
 * The version asked for, by query or Accept header. Reading works without one; changing doesn't. The newest version is
 * still a preview and wants to be called one.
 */
export function apiVersion(method: string, headers: IncomingHttpHeaders, query: string | undefined): string {
  const given = query ?? /api-version\s*=\s*"?([\w.-]+)/i.exec(String(headers.accept ?? ''))?.[1]
  if (given === undefined) {
    const contentVersion = /api-version\s*=\s*"?([\w.-]+)/i.exec(String(headers['content-type'] ?? ''))?.[1]
    if (contentVersion !== undefined) return contentVersion
    if (method === 'GET') return newestVersion
    throw new ServiceError('versionMissing', method)
  }
  const match = /^(\d+\.\d+)(-preview(\.\d+)?)?$/.exec(given)
  if (!match) throw new ServiceError('versionOutOfRange', given)
  const number = asNumber(match[1] ?? '')
  if (number > asNumber(newestVersion)) throw new ServiceError('versionOutOfRange', given)
  if (number === asNumber(newestVersion) && match[2] === undefined) throw new ServiceError('previewFlagMissing', given)
  return given
}
