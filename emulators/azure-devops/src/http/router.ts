import type { Endpoint, EndpointTable } from '../contract/endpoint.ts'

export interface Route {
  name: string
  endpoint: Endpoint
}

export interface RouteMatch extends Route {
  params: Record<string, string>
}

export interface Router {
  /** `path` is what follows `_apis/`, still percent-encoded; 'method' when only other methods fit */
  match(method: string, path: string): RouteMatch | 'method' | undefined
  routes: Route[]
}

function compile(path: string): RegExp {
  const pattern = path
    .split('/')
    .map(segment => {
      const rest = /^\{\*(\w+)\}$/.exec(segment)
      if (rest) return `(?<${rest[1]}>.+)`
      const one = /^\{(\w+)\}$/.exec(segment)
      return one ? `(?<${one[1]}>[^/]+)` : segment
    })
    .join('/')
  return new RegExp(`^${pattern}/?$`, 'i')
}

export function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Case-insensitive, as the service is; of two routes that fit, the one with more fixed text wins. */
export function createRouter(table: EndpointTable): Router {
  const fixed = (path: string) => path.replace(/\{[^}]*\}/g, '').length
  const routes = Object.entries(table)
    .map(([name, endpoint]) => ({ name, endpoint, pattern: compile(endpoint.path) }))
    .sort((a, b) => fixed(b.endpoint.path) - fixed(a.endpoint.path))
  return {
    routes,
    match(method, path) {
      const fitting = routes.flatMap(route => {
        const found = route.pattern.exec(path)
        return found ? [{ route, groups: found.groups ?? {} }] : []
      })
      const chosen = fitting.find(({ route }) => route.endpoint.method === method)
      if (!chosen) return fitting.length > 0 ? 'method' : undefined
      const params = Object.entries(chosen.groups).map(([name, value]) => [name, decode(value)])
      return { name: chosen.route.name, endpoint: chosen.route.endpoint, params: Object.fromEntries(params) }
    },
  }
}
