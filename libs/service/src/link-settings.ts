import { z } from 'zod'
import { runLink } from './run-link.ts'

/** Of the processes that write or check links to the run page. */
export const linkSettings = {
  PUBLIC_URL: z
    .url({ protocol: /^https?$/, error: 'expected a URL that begins with https:// (or http://)' })
    .regex(/^[^?#]*$/, 'expected a URL without ? and #')
    .optional()
    .meta({
      description:
        'Where browsers reach the gateway, for links to the run page; a path of it is taken off by its proxy',
      example: 'https://code-agent.example.com',
    }),
  LINK_KEY: z.string().min(32).optional().meta({
    description: 'Signs links to the run page, in gateway and worker-ado alike; as from `openssl rand -base64 32`',
    example: 'JZ8Qb0Yx3mWJ1vX9l6m7Qd2Zr5pU4tNfO0aKcE8hSgk=',
  }),
}

type LinkSettings = { PUBLIC_URL?: string | undefined; LINK_KEY?: string | undefined }

/** Writes links to run pages; undefined where they are not set up. */
export type LinkToRun = (run: { runId: string; createdAt: Date }) => string

export function linkToRun({ PUBLIC_URL: publicUrl, LINK_KEY: key }: LinkSettings): LinkToRun | undefined {
  return publicUrl === undefined || key === undefined ? undefined : run => runLink({ publicUrl, key }, run)
}
