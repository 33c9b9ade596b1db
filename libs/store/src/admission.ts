import { z } from 'zod'

/** What admit-run pinned, once, and plan-run completed by the project's settings: every later step works on exactly this, wherever the pull request moves. Branches without refs/heads/. */
export const Admission = z.object({
  baseCommit: z.string().min(1),
  targetCommit: z.string().min(1),
  sourceBranch: z.string().min(1),
  targetBranch: z.string().min(1),
  slug: z.string().min(1),
  userSegment: z.string().min(1),
  pullRequest: z.object({ title: z.string(), description: z.string() }),
  /** Where drafts go: the source or the target branch of the commented pull request. */
  draftTarget: z.string().min(1),
  /** Put into commit messages; empty for none. Absent: as the installation says. */
  ciMarker: z.string().optional(),
  workItemIds: z.array(z.string()),
  /** The command is the first comment of its thread. */
  opensThread: z.boolean(),
  location: z
    .object({ path: z.string(), startLine: z.number().int().min(1), endLine: z.number().int().min(1) })
    .nullable(),
})
export type Admission = z.infer<typeof Admission>
