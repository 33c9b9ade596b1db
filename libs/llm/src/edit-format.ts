import { z } from 'zod'

/** How a model is asked to write its edit. libs/patch reads every one of them whatever was asked for. */
export const EditFormat = z.enum(['diff', 'search-replace', 'whole-file'])
export type EditFormat = z.infer<typeof EditFormat>
