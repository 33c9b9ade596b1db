import { organisationName } from '@code-agent/jobs/organisation'
import { type Check, fail, ok, unset, warn } from './check.ts'

const name = 'azure devops address'

/** Which of the three forms an address has: dev.azure.com, visualstudio.com, or a collection of a Server. */
export function checkAddress(given: string | undefined): Check {
  if (given === undefined) return unset(name, 'AZURE_DEVOPS_URL', 'such as https://dev.azure.com/contoso')
  const url = URL.parse(given)
  if (url === null || !/^https?:$/.test(url.protocol))
    return fail(
      name,
      `${JSON.stringify(given)} is no web address`,
      'Write it as a browser shows it: https://dev.azure.com/contoso.',
    )
  if (url.username || url.password)
    return fail(name, 'it holds a user name or a password', 'Take them out: credentials stand in AZURE_DEVOPS_TOKEN.')
  const path = url.pathname.split('/').filter(Boolean)
  const organisation = organisationName(given)
  if (path.some(part => part === '_git' || part === '_apis'))
    return fail(
      name,
      'it leads to a repository or an API',
      `Cut it off after the organisation: ${url.origin}/${path[0]}.`,
    )
  if (url.hostname === 'dev.azure.com') return checkService(path, organisation)
  if (url.hostname.endsWith('.visualstudio.com')) return checkLegacy(path, organisation)
  if (path.length === 0)
    return fail(
      name,
      'a Server is addressed with its collection',
      `Add it: ${url.origin}/DefaultCollection or ${url.origin}/tfs/DefaultCollection.`,
    )
  const server = `Azure DevOps Server (or an emulator), collection ${path.at(-1)}, known as ${organisation}`
  return url.protocol === 'https:' || isLocal(url.hostname)
    ? ok(name, server)
    : warn(name, `${server}; over http the credential is readable on the way`, 'Serve the collection over https.')
}

function checkService(path: string[], organisation: string): Check {
  if (path.length === 0)
    return fail(name, 'dev.azure.com alone names no organisation', 'Add it: https://dev.azure.com/contoso.')
  if (path.length > 1)
    return fail(
      name,
      `it goes on after the organisation: /${path.slice(1).join('/')}`,
      `Cut it off: https://dev.azure.com/${path[0]}.`,
    )
  return ok(name, `Azure DevOps Services, organisation ${organisation}`)
}

function checkLegacy(path: string[], organisation: string): Check {
  if (path.length > 0 && path[0]?.toLowerCase() !== 'defaultcollection')
    return fail(
      name,
      `it goes on after the organisation: /${path.join('/')}`,
      `Cut it off: https://${organisation}.visualstudio.com.`,
    )
  return ok(name, `Azure DevOps Services by its former address, organisation ${organisation}`)
}

function isLocal(hostname: string): boolean {
  return hostname === 'localhost' || hostname.startsWith('127.')
}
