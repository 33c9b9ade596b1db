import * as rules from './rules.ts'

export interface PolicyType {
  id: string
  displayName: string
  description: string
  /** throws when the settings are not those of this type */
  rule: (settings: unknown) => rules.Rule
}

export const policyTypes = {
  minimumReviewers: {
    id: 'fa4e907d-c16b-4a4c-9dfa-4906e5d171dd',
    displayName: 'Minimum number of reviewers',
    description: 'So many reviewers have approved.',
    rule: rules.minimumReviewers,
  },
  requiredReviewers: {
    id: 'fd2167ab-b0be-447a-8ec8-39368250530e',
    displayName: 'Required reviewers',
    description: 'These reviewers have approved.',
    rule: rules.requiredReviewers,
  },
  comments: {
    id: 'c6a1889d-b943-4856-b76f-9e46bb6b0df2',
    displayName: 'Comment requirements',
    description: 'No comment thread is active.',
    rule: rules.commentRequirements,
  },
  workItems: {
    id: '40e92b44-2fe1-4dd6-b3d8-74a9c21d0c6e',
    displayName: 'Work item linking',
    description: 'A work item is linked.',
    rule: rules.workItemLinking,
  },
  status: {
    id: 'cbdc66da-9728-4af8-aada-9a5a32e4a226',
    displayName: 'Status',
    description: 'A status of this genre and name has succeeded.',
    rule: rules.requiredStatus,
  },
  build: {
    id: '0609b952-1397-4640-95ec-e00a01b2c241',
    displayName: 'Build',
    description: 'A build of the merged result has succeeded.',
    rule: rules.buildValidation,
  },
  mergeStrategy: {
    id: 'fa4e907d-c16b-4a4c-9dfa-4916e5d171ab',
    displayName: 'Require a merge strategy',
    description: 'Pull requests are completed in one of these ways.',
    rule: rules.mergeStrategy,
  },
} satisfies Record<string, PolicyType>

export type PolicyKind = keyof typeof policyTypes
export const policyKinds = [
  'minimumReviewers',
  'requiredReviewers',
  'comments',
  'workItems',
  'status',
  'build',
  'mergeStrategy',
] as const satisfies readonly PolicyKind[]

export function policyTypeOf(id: string): PolicyType | undefined {
  return Object.values(policyTypes).find(one => one.id === id.toLowerCase())
}
