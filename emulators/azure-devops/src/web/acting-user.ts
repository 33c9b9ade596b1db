import type { FastifyRequest } from 'fastify'
import type { PageModel, PageUser } from '../page-model.ts'

/** Whom the page acts as: the switch's choice, else the first. Throws when there are no users at all. */
export function actingUser(request: FastifyRequest, model: PageModel): PageUser {
  const chosen = /(?:^|;\s*)page-user=([^;]*)/.exec(request.headers.cookie ?? '')?.[1] ?? ''
  const users = model.users()
  const user = users.find(({ name }) => encodeURIComponent(name) === chosen) ?? users[0]
  if (!user) throw new Error('the emulator has no users')
  return user
}

export function userCookie(name: string): string {
  return `page-user=${encodeURIComponent(name)}; Path=/; HttpOnly; SameSite=Lax`
}
