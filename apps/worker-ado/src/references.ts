import { z } from 'zod'

/** What stands for each effect once it is done, as Postgres keeps it. */
export const CommentReference = z.object({ commentId: z.number() })
export const StatusReference = z.object({ statusId: z.number() })
export const CommitReference = z.object({ commit: z.string() })
export const DraftReference = z.object({ pullRequestId: z.number() })
export const ThreadReference = z.object({ closed: z.boolean() })
