import { applyEdit } from '@code-agent/patch/apply'
import { textTree } from '@code-agent/patch/source-tree'
import { type Random, randomOf } from '../chaos/random.ts'
import type { Case } from './case.ts'
import { damages } from './damages.ts'
import type { Edit } from './written-diff.ts'

export type Verdict = 'right' | 'refused' | 'wrong'
export type Judged = { one: Case; verdict: Verdict; said: string }
export type Row = { kind: string; cases: number; right: number; refused: number; wrong: number }

/** Right: every file byte for byte as it must be, or refused where it must be. */
export function judge(one: Case): Judged {
  const result = applyEdit({ files: textTree(new Map(Object.entries(one.files))), text: one.diff })
  if (!result.ok)
    return { one, verdict: one.expected ? 'refused' : 'right', said: result.problems.map(p => p.code).join() }
  if (!one.expected) return { one, verdict: 'wrong', said: 'applied' }
  const got: Record<string, string | undefined> = { ...one.files }
  for (const { path, after } of result.changes) got[path] = after
  const paths = Object.keys({ ...got, ...one.expected })
  const isRight = paths.every(path => got[path] === one.expected?.[path])
  return { one, verdict: isRight ? 'right' : 'wrong', said: result.rung }
}

/** Every kind of damage to every edit it can be done to. The same seed damages the same way. */
export function* damaged(edits: readonly Edit[], seed: number, only: readonly string[] = ['']): Generator<Case> {
  for (const [number, edit] of edits.entries()) {
    for (const [order, [kind, damage]] of Object.entries(damages).entries()) {
      if (!only.some(start => kind.startsWith(start))) continue
      const random: Random = randomOf(seed + number * 7919 + order)
      const one = damage(edit, random)
      if (one) yield one
    }
  }
}

export function tableOf(judged: readonly Judged[]): Row[] {
  const rows = new Map<string, Row>()
  for (const { one, verdict } of judged) {
    const row = rows.get(one.kind) ?? { kind: one.kind, cases: 0, right: 0, refused: 0, wrong: 0 }
    row.cases++
    row[verdict]++
    rows.set(one.kind, row)
  }
  return [...rows.values()]
}
