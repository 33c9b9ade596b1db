import { z } from 'zod'

/** How the variants of a run compare, best first; conclude-run writes it, the overview shows it. */
export const Comparison = z.object({
  order: z.array(
    z.object({
      variant: z.number().int().min(1),
      /** A variant before it with nearly the same result. */
      similarTo: z.number().int().min(1).optional(),
      /** What a reviewer should look at twice. */
      marks: z.array(z.string()).optional(),
    }),
  ),
})
export type Comparison = z.infer<typeof Comparison>
