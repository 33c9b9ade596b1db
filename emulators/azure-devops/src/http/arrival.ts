import type { IncomingHttpHeaders } from 'node:http'
import { type Links, linksOf } from '../rest/links.ts'
import type { Token } from '../state/identity.ts'
import { decode } from './router.ts'

/** A request as it came in, before anything is done about it. */
export interface Arrival {
  method: string
  /** path and query as sent */
  url: string
  headers: IncomingHttpHeaders
  search: URLSearchParams
  /** the organisation's URL as the caller wrote it */
  links: Links
  /** before _apis or _git, decoded: none, a project, or a project and a team */
  scope: string[]
  area: '_apis' | '_git' | 'other'
  /** after _apis/ or _git/, still percent-encoded */
  rest: string
  token: Token | undefined
}

// the second and third are how a Server names its collection
const prefixes = (organisation: string) => [`/${organisation}`, '/tfs/DefaultCollection', '/DefaultCollection']

/** undefined when the path does not begin with the organisation. */
export function locate(
  organisation: string,
  request: { url: string; host: string },
): Pick<Arrival, 'links' | 'scope' | 'area' | 'rest' | 'search'> | undefined {
  const [path = '', query = ''] = request.url.split(/\?(.*)/s)
  const prefix = prefixes(organisation).find(one => `${path}/`.toLowerCase().startsWith(`${one}/`.toLowerCase()))
  if (prefix === undefined) return undefined
  const segments = path.slice(prefix.length).split('/').filter(Boolean)
  const at = segments.findIndex(segment => /^_(apis|git)$/i.test(segment))
  const found = segments[at]?.toLowerCase()
  return {
    links: linksOf(`http://${request.host}${path.slice(0, prefix.length)}`),
    search: new URLSearchParams(query),
    scope: (at < 0 ? segments : segments.slice(0, at)).map(decode),
    area: found === '_apis' || found === '_git' ? found : 'other',
    rest: at < 0 ? '' : segments.slice(at + 1).join('/'),
  }
}
