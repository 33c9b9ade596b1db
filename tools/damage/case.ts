import type { Random } from '../chaos/random.ts'
import type { Edit } from './written-diff.ts'

/** One answer to be judged: the files it is for, and what must come of it. */
export type Case = {
  kind: string
  files: Record<string, string>
  diff: string
  /** The files as they must be afterwards; undefined when the answer must be refused. */
  expected?: Record<string, string>
}

/** Damages one edit in one way; undefined when the edit does not lend itself to it. */
export type Damage = (edit: Edit, random: Random) => Case | undefined
