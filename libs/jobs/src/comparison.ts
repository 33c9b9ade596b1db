import { z } from 'zod'

/** How the variants of a run compare, best first; conclude-run writes it, the overview shows it. */
export const Comparison = z.object({
  order: z.array(
    z.object({
      variant: z.number().int().min(1),
      /** A variant before it with nearly the same result. */
      similarTo: z.number().int().min(1).optional(),
      /** Of a variant before it that has most of its changed lines, short of nearly all; in per cent. */
      shares: z.object({ with: z.number().int().min(1), percent: z.number().int().min(0).max(100) }).optional(),
      /** What a reviewer should look at twice. */
      marks: z.array(z.string()).optional(),
    }),
  ),
  /** The first of the order, if evidence and not its number alone put it there; `because` is the end of a sentence. */
  recommended: z.object({ variant: z.number().int().min(1), because: z.string() }).optional(),
})
export type Comparison = z.infer<typeof Comparison>
