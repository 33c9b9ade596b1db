import type { Identity } from '../state/identity.ts'
import type { Repository } from '../state/repository.ts'

export type PullRequestState = 'active' | 'abandoned' | 'completed'
export type MergeStatus = 'queued' | 'conflicts' | 'succeeded' | 'rejectedByPolicy' | 'failure'
export const threadStatuses = ['unknown', 'active', 'fixed', 'wontFix', 'closed', 'byDesign', 'pending'] as const
export type ThreadStatus = (typeof threadStatuses)[number]
export const statusStates = [
  'notSet',
  'pending',
  'succeeded',
  'failed',
  'error',
  'notApplicable',
  'partiallySucceeded',
] as const
export type StatusState = (typeof statusStates)[number]
export const mergeStrategies = ['noFastForward', 'squash', 'rebase', 'rebaseMerge'] as const
export type MergeStrategy = (typeof mergeStrategies)[number]

/** A typed value as Azure DevOps keeps it in property bags. */
export interface PropertyValue {
  $type: string
  $value: unknown
}

export interface Iteration {
  id: number
  at: number
  author: Identity
  sourceCommit: string
  targetCommit: string
  commonCommit: string
  reason: 'create' | 'push' | 'forcePush' | 'retarget'
  pushId: number | null
}

export interface Comment {
  id: number
  parentId: number
  author: Identity
  content: string
  kind: 'text' | 'system' | 'codeChange'
  publishedAt: number
  updatedAt: number
  contentUpdatedAt: number
  isDeleted: boolean
  likes: Identity[]
}

export interface ThreadPosition {
  line: number
  offset: number
}

export interface ThreadContext {
  filePath: string
  leftFileStart?: ThreadPosition
  leftFileEnd?: ThreadPosition
  rightFileStart?: ThreadPosition
  rightFileEnd?: ThreadPosition
}

export interface Thread {
  id: number
  status: ThreadStatus | null
  publishedAt: number
  updatedAt: number
  context: ThreadContext | null
  /** kept and given back as it came */
  iterationContext: Record<string, unknown> | null
  properties: Map<string, PropertyValue>
  comments: Comment[]
}

export interface PullRequestStatus {
  id: number
  state: StatusState
  description: string
  context: { genre: string | null; name: string }
  targetUrl: string | null
  createdAt: number
  by: Identity
  iterationId: number | null
  properties: Map<string, PropertyValue>
}

export interface Label {
  id: string
  name: string
  active: boolean
}

export interface Reviewer {
  identity: Identity
  vote: number
  /** the iteration that was newest then, 0 before the first vote */
  votedOn: number
  isRequired: boolean
  isFlagged: boolean
  hasDeclined: boolean
}

export interface CompletionOptions {
  mergeStrategy?: MergeStrategy | undefined
  squashMerge?: boolean | undefined
  deleteSourceBranch?: boolean | undefined
  mergeCommitMessage?: string | undefined
  transitionWorkItems?: boolean | undefined
  bypassPolicy?: boolean | undefined
  bypassReason?: string | undefined
}

export interface Attachment {
  id: number
  fileName: string
  content: Buffer
  createdAt: number
  by: Identity
}

export interface PullRequest {
  id: number
  repository: Repository
  title: string
  description: string | null
  sourceRef: string
  targetRef: string
  state: PullRequestState
  isDraft: boolean
  createdBy: Identity
  createdAt: number
  closedAt: number | null
  closedBy: Identity | null
  mergeId: string
  /** null while abandoned */
  mergeStatus: MergeStatus | null
  sourceCommit: string
  targetCommit: string
  mergeCommit: string | null
  completionOptions: CompletionOptions | null
  completionQueuedAt: number | null
  autoCompleteSetBy: Identity | null
  iterations: Iteration[]
  threads: Thread[]
  statuses: PullRequestStatus[]
  labels: Label[]
  reviewers: Reviewer[]
  workItems: string[]
  properties: Map<string, PropertyValue>
  attachments: Attachment[]
  /** path → changeTrackingId, stable across iterations */
  trackedChanges: Map<string, number>
}

export function shortBranch(ref: string): string {
  return ref.replace(/^refs\/heads\//, '')
}
