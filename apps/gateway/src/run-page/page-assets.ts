import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { FastifyInstance } from 'fastify'
import type { PageFrame } from './page-layout.ts'

const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#3b5bdb"/><path d="M9 8v9a5 5 0 0 0 5 5h8M9 13h9a4 4 0 0 0 4-4" fill="none" stroke="#fff" stroke-width="2.4" stroke-linecap="round"/><circle cx="9" cy="8" r="2.6" fill="#fff"/><circle cx="22" cy="8.4" r="2.6" fill="#a5d8ff"/><circle cx="23" cy="22" r="2.6" fill="#b2f2bb"/></svg>`
const styles = ['page.css', 'run.css', 'diff.css']

/**
 * Serves style sheet, script and icon under names that change with their contents.
 * @param base path before them, as browsers ask for them
 */
export function serveAssets(app: FastifyInstance, base: string): PageFrame['assets'] {
  const serve = (name: string, type: string, content: string) => {
    const print = createHash('sha256').update(content).digest('hex').slice(0, 12)
    const path = `/runs/assets/${print}-${name}`
    app.get(path, (_, reply) =>
      reply
        .type(type)
        .headers({ 'cache-control': 'public, max-age=31536000, immutable', 'x-content-type-options': 'nosniff' })
        .send(content),
    )
    return base + path
  }
  return {
    style: serve('style.css', 'text/css; charset=utf-8', styles.map(asset).join('\n')),
    script: serve('script.js', 'text/javascript; charset=utf-8', asset('page.js')),
    icon: serve('icon.svg', 'image/svg+xml', icon),
  }
}

function asset(name: string): string {
  return readFileSync(new URL(`assets/${name}`, import.meta.url), 'utf8')
}
