/** Kinds of effects that the store itself looks at; all others are free words of the steps that make them. */

/** The comment that tells what became of a variant; until it is done, the variant is unannounced. */
export const announcement = 'announce-variant'

/** The draft pull request: with it a variant is done. */
export const draft = 'open-draft-pr'

/** The push that makes branch and commit; without a draft after it, the branch is removed when the run has ended. */
export const commit = 'commit-patch'
