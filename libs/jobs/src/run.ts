import { z } from 'zod'

/** The states of a run; only `ended` is terminal. */
export const runStates = ['accepted', 'ready', 'running', 'ending', 'ended'] as const
export type RunState = (typeof runStates)[number]

export const runOutcomes = ['done', 'failed', 'cancelled', 'refused'] as const
export type RunOutcome = (typeof runOutcomes)[number]

export const variantOutcomes = ['done', 'failed', 'cancelled'] as const
export type VariantOutcome = (typeof variantOutcomes)[number]

/** Where a command comment stands; together the key of a request. Ids as Azure DevOps gives them. */
export const RequestKey = z.object({
  organisation: z.string().min(1),
  repositoryId: z.string().min(1),
  pullRequestId: z.number().int().min(1),
  threadId: z.number().int().min(1),
  commentId: z.number().int().min(1),
})
export type RequestKey = z.infer<typeof RequestKey>

/** How one variant goes about the intent. */
export const Strategy = z.object({
  name: z.string().min(1).max(60),
  brief: z.string().min(1).max(2_000),
  /** Another model than the installation's, and how hard it thinks, where the project's settings say so. */
  model: z.string().min(1).optional(),
  effort: z.enum(['low', 'medium', 'high', 'xhigh', 'max']).optional(),
})
export type Strategy = z.infer<typeof Strategy>

/** One file of a patch as the push needs it: UTF-8 text, absent for a deletion. */
export const PatchChange = z.object({
  path: z.string().min(1),
  kind: z.enum(['add', 'edit', 'delete']),
  content: z.string().optional(),
})
export type PatchChange = z.infer<typeof PatchChange>
