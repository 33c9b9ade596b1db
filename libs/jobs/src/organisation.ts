/**
 * The name an organisation or collection goes by in request keys, gates and logs.
 * `https://dev.azure.com/contoso` and `https://contoso.visualstudio.com` are `contoso`; a Server collection keeps its host.
 */
export function organisationName(url: string): string {
  const { hostname, pathname, port } = new URL(url)
  const path = pathname.split('/').filter(Boolean)
  if (hostname === 'dev.azure.com') return (path[0] ?? hostname).toLowerCase()
  const legacy = /^([^.]+)\.visualstudio\.com$/.exec(hostname)?.[1]
  if (legacy) return legacy.toLowerCase()
  return [port ? `${hostname}:${port}` : hostname, ...path].join('/').toLowerCase()
}

/** The gate that all calls with an organisation's Azure DevOps credential share. */
export function azureDevOpsGate(organisation: string): string {
  return `azure-devops/${organisation}`
}
