import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { FastifyInstance } from 'fastify'

export type PageAssets = { style: string; script: string }

/** Nothing from another host, no inline script or style: what a comment smuggled in would do nothing. */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

const styles = ['page.css', 'top-bar.css', 'controls.css', 'markdown.css', 'pull-request.css', 'diff.css']
const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3" fill="#0067b8"/><path d="M4 8.2 7 11l5-6" stroke="#fff" stroke-width="2" fill="none"/></svg>`

/** Serves the page's style sheet and script under names that change with their contents, and returns those. */
export function registerAssets(app: FastifyInstance): PageAssets {
  const style = styles.map(asset).join('\n')
  const script = asset('page.js')
  const serve = (path: string, type: string, content: string) => {
    app.get(path, (_, reply) =>
      reply.type(type).header('cache-control', 'public, max-age=31536000, immutable').send(content),
    )
    return path
  }
  serve('/_page/icon.svg', 'image/svg+xml', icon)
  return {
    style: serve(`/_page/style-${fingerprint(style)}.css`, 'text/css; charset=utf-8', style),
    script: serve(`/_page/script-${fingerprint(script)}.js`, 'text/javascript; charset=utf-8', script),
  }
}

function asset(name: string): string {
  return readFileSync(new URL(`assets/${name}`, import.meta.url), 'utf8')
}

function fingerprint(content: string): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 12)
}
