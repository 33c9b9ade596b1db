import { fitsPattern } from './path-pattern.ts'

/** A rule on paths as the patch policy takes it. */
type SettingRule = { fits(path: string): boolean; verdict: string; because: string }

/**
 * Reads `block:templates/**, review:infra/**, allow:.gitignore`: the first that fits decides. Patterns as in .gitignore,
 * case does not count. Fails closed: a pattern without a word before it, or with another word, blocks.
 */
export function pathRules(setting: string): SettingRule[] {
  return setting
    .split(/[,\n]/)
    .map(rule => rule.trim())
    .filter(rule => rule !== '')
    .map(rule => {
      const [, verdict = 'block', rest] = /^([^:]*):(.*)$/s.exec(rule) ?? []
      const pattern = (rest ?? rule).trim().normalize('NFKC').toLowerCase()
      return {
        verdict: verdict.trim().toLowerCase(),
        because: 'is protected by this installation',
        fits: path => fitsPattern(path, pattern),
      }
    })
}
