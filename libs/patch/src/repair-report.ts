import type { Problem, ProblemCode } from './problem.ts'

const MOST_QUOTED = 40
const MOST_SECTIONS = 12

const REASONS: Record<ProblemCode, string> = {
  'no-edit': 'the answer contained no edit',
  'prose-only': 'the answer was an explanation without an edit',
  malformed: 'the edit could not be read',
  truncated: 'the answer broke off before its end',
  placeholder: 'the edit leaves out code that it should contain',
  'missing-path': 'the edit does not say which file it changes',
  'missing-file': 'the edit changes a file that does not exist',
  'file-exists': 'the edit creates a file that already exists',
  'path-escapes': 'the edit names a path outside the repository',
  binary: 'the edit changes a binary file',
  symlink: 'the edit changes a symbolic link',
  submodule: 'the edit changes a submodule',
  'mode-change': "the edit changes a file's mode",
  'rename-unsupported': 'the edit renames a file, which is not supported',
  'conflicting-edits': 'the edit treats one file in two ways',
  'not-found': 'the lines to be changed are not in the file',
  ambiguous: 'the lines to be changed occur more than once',
  'already-applied': 'the change is already there',
  overlap: 'two parts of the edit change the same lines',
  'uncertain-insert-point': 'it is not certain where lines are to be added',
  'uncertain-indentation': 'it is not certain how added lines are to be indented',
  'delete-mismatch': 'the edit deletes a file that reads differently',
  'uncertain-deletion': 'it is not certain whether a file is to be emptied or deleted',
  'breaks-syntax': 'the file could not be parsed any more after the edit',
  'too-much-work': 'the edit is too large to be placed',
  'no-change': 'the edit changes nothing',
}

const ADVICE: Partial<Record<ProblemCode, string>> = {
  ambiguous: 'Quote more unchanged lines around the change, enough to make the place unique.',
  'not-found': 'Quote the lines exactly as they stand in the file.',
  'uncertain-insert-point': 'Quote the lines directly before and after the added ones, without leaving any out.',
  'uncertain-indentation': "Use the file's own indentation.",
  placeholder: 'Write the code out in full.',
  'path-escapes': 'Use paths relative to the root of the repository.',
}

/** One sentence on why the edit was refused, for a reader who has not seen it. */
export function reasonOf(problems: readonly Problem[]): string {
  const [first] = problems
  if (!first) return 'The edit was refused.'
  const where = first.path ? ` (${first.path}${first.hunk === undefined ? '' : `, hunk ${first.hunk}`})` : ''
  const more = problems.length > 1 ? `; ${problems.length - 1} more of its parts failed` : ''
  return `The edit was refused because ${REASONS[first.code]}${where}${more}.`
}

/** What the model needs to repair its edit: each refused hunk with its lines, the real ones, and what was fine. */
export function repairReport(problems: readonly Problem[]): string {
  const parts = ['Nothing of your edit was applied.', ...problems.slice(0, MOST_SECTIONS).map(section)]
  const further = problems.slice(MOST_SECTIONS).map(problem => `${titleOf(problem)} (${problem.code})`)
  if (further.length > 0) parts.push(`Also refused: ${capped(further).join('; ')}.`)
  const codes = [...new Set(problems.map(problem => problem.code))]
  const advice = codes.map(code => ADVICE[code]).filter(line => line !== undefined)
  const fine = fineHunks(problems)
  return [...parts, ...advice, ...(fine ? [fine] : [])].join('\n\n')
}

function titleOf({ path, hunk }: Problem): string {
  return [path, hunk === undefined ? undefined : `hunk ${hunk}`].filter(part => part !== undefined).join(', ')
}

function section(problem: Problem): string {
  const { code, detail, quoted, nearest, missing, places } = problem
  const title = titleOf(problem)
  const lines = [`${title ? `${title}: ` : ''}${code}. ${detail}`]
  if (quoted && quoted.length > 0) lines.push('You quoted:', ...capped(quoted).map(line => `    | ${line}`))
  if (missing && missing.length > 0) lines.push('Nowhere in the file:', ...capped(missing).map(line => `    | ${line}`))
  if (places && places.length > 0) lines.push(`Candidate places start at line ${places.join(', ')}.`)
  if (nearest) {
    lines.push('The most similar place really reads:')
    lines.push(...nearest.lines.map((line, i) => `${String(nearest.start + i).padStart(7)} | ${line}`))
  }
  return lines.join('\n')
}

function capped(lines: readonly string[]): string[] {
  if (lines.length <= MOST_QUOTED) return [...lines]
  return [...lines.slice(0, MOST_QUOTED), `(${lines.length - MOST_QUOTED} more)`]
}

function fineHunks(problems: readonly Problem[]): string | undefined {
  const byPath = new Map<string, number[]>()
  for (const { path, fineHunks: fine } of problems) if (path && fine && fine.length > 0) byPath.set(path, fine)
  const named = [...byPath].map(([path, fine]) => `${path}: ${fine.join(', ')}`)
  return named.length > 0
    ? `These hunks are fine as they are: ${named.join('; ')}. Send the whole edit again with the others repaired.`
    : undefined
}
