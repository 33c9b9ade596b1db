import type {
  PageComment,
  PageCommit,
  PageFileDiff,
  PageModel,
  PagePullRequest,
  PageStatus,
  PageThread,
  PageUser,
} from '../page-model.ts'

/** A world in memory for the page's own tests: one pull request, one finished command with two drafts, and a subscription that works. */
export type SampleModel = PageModel & {
  addThread(pullRequestId: number, author: PageUser, content: string, more?: Partial<PageThread>): PageThread
  setDraftTitle(id: number, title: string): void
  subscribers(): number
}

const alice: PageUser = {
  id: 'a1b2c3d4-0000-4000-8000-000000000001',
  name: 'alice',
  displayName: 'Alice Archer',
  uniqueName: 'alice@contoso.example',
}
export const bot: PageUser = {
  id: 'a1b2c3d4-0000-4000-8000-000000000002',
  name: 'bot',
  displayName: 'Code Agent',
  uniqueName: 'bot@contoso.example',
}
export const reader: PageUser = {
  id: 'a1b2c3d4-0000-4000-8000-000000000003',
  name: 'reader',
  displayName: 'Rita Reader',
  uniqueName: 'rita@contoso.example',
}

const people = [alice, bot, reader]

const when = (minutesAgo: number) => new Date(Date.now() - minutesAgo * 60_000).toISOString()

const css = (colour: string, more = '') =>
  `${Array.from({ length: 12 }, (_, i) => `.rule-${i} { order: ${i}; }\n`).join('')}.button {\n  color: white;\n  background: ${colour};\n${more}}\n\n.button:hover {\n  opacity: 0.9;\n}\n`
const file = (path: string, before: string | null, after: string | null): PageFileDiff => ({
  path,
  oldPath: null,
  change: before === null ? 'add' : after === null ? 'delete' : 'edit',
  before,
  after,
  binary: false,
})

const contents: Record<number, Record<string, string | null>> = {
  12: { 'src/button.css': css('royalblue'), 'src/Größe & Farbe.md': '# Size\n' },
  13: { 'src/button.css': css('red') },
  14: {
    'src/button.css': css('var(--danger)', '  border: 1px solid darkred;\n'),
    'src/theme.css': ':root {\n  --danger: #c00;\n}\n',
  },
}

function sampleDiff(id: number): PageFileDiff[] {
  const before = id === 12 ? {} : (contents[12] ?? {})
  return Object.entries(contents[id] ?? {}).map(([path, after]) =>
    file(path, before[path] ?? (id === 12 ? (path.endsWith('css') ? css('gray') : '# Old size\n') : null), after),
  )
}

function pullRequest(id: number, more: Partial<PagePullRequest>): PagePullRequest {
  return {
    id,
    project: 'Web',
    repository: 'shop',
    title: 'Restyle the buttons',
    description: 'Makes the buttons **bigger**.\n\n- [x] desktop\n- [ ] phone',
    status: 'active',
    isDraft: false,
    sourceBranch: 'feature/buttons',
    targetBranch: 'main',
    sourceCommit: `${id}`.padStart(40, 'a'),
    targetCommit: 'b'.repeat(40),
    mergeStatus: 'succeeded',
    createdBy: alice,
    createdAt: when(130),
    closedAt: null,
    labels: [],
    workItems: [],
    reviewers: [],
    ...more,
  }
}

const overview = `<!-- code-agent:run -->
**2 of 2 drafts** for _make the buttons red_, asked by @<${alice.id.toUpperCase()}>.

| | What it does | Files | +/− | Draft | Cost |
|---|:--|--:|--:|:-:|--:|
| v1 | Sets the \`background\` to red | 1 | +1 −1 | !13 | $0.02 |
| v2 | Names the colour \`--danger\` and uses it \\| hover too | 2 | +5 −1 | !14 | $0.03 |

> v1 is the smaller change.`

function samplePullRequests(): PagePullRequest[] {
  const draft = {
    createdBy: bot,
    isDraft: true,
    targetBranch: 'feature/buttons',
    description: 'Intent: make the buttons red',
    createdAt: when(2),
  }
  const branch = 'users/alice/make-the-buttons-red'
  const long = 'make-the-checkout-calmer-and-put-the-total-above-the-list-of-items'
  const reviewers = [
    { user: reader, vote: 5 },
    { user: bot, vote: 0 },
  ]
  return [
    pullRequest(15, { ...draft, title: `🔧 AI Edit v1: ${long}`, sourceBranch: `users/alice/${long}/v1` }),
    pullRequest(14, { ...draft, title: '🔧 AI Edit v2: make-the-buttons-red', sourceBranch: `${branch}/v2` }),
    pullRequest(13, { ...draft, title: '🔧 AI Edit v1: make-the-buttons-red', sourceBranch: `${branch}/v1` }),
    pullRequest(12, { labels: ['design'], workItems: ['4711'], reviewers }),
  ]
}

const statuses: PageStatus[] = [
  status(1, {
    genre: 'code-agent',
    name: 'edit-1',
    state: 'succeeded',
    description: '2 of 2 drafts',
    targetUrl: 'https://contoso.example/runs/1',
  }),
  status(2, { genre: 'ci', name: 'build', state: 'pending', description: 'Build is running', targetUrl: null }),
]

function status(
  id: number,
  more: Pick<PageStatus, 'genre' | 'name' | 'state' | 'description' | 'targetUrl'>,
): PageStatus {
  return { id, createdBy: bot, createdAt: when(1), iterationId: null, ...more }
}

type Talk = Pick<
  SampleModel,
  'threads' | 'addThread' | 'postComment' | 'editComment' | 'deleteComment' | 'setThreadStatus'
>

function sampleTalk(tell: (pullRequestId: number) => void): Talk {
  const threads = new Map<number, PageThread[]>()
  const found = (id: number, threadId: number) => {
    const thread = threads.get(id)?.find(one => one.id === threadId)
    if (!thread) throw new Error('There is no such thread.')
    return thread
  }
  const change = (at: { pullRequestId: number; threadId: number; commentId: number }, more: Partial<PageComment>) => {
    const comment = found(at.pullRequestId, at.threadId).comments.find(({ id }) => id === at.commentId)
    if (comment) Object.assign(comment, more)
    tell(at.pullRequestId)
  }
  const addThread: Talk['addThread'] = (id, author, content, more = {}) => {
    const list = threads.get(id) ?? []
    threads.set(id, list)
    const at = new Date().toISOString()
    const empty = { status: 'active', isDeleted: false, publishedAt: at, updatedAt: at, context: null } as const
    const thread: PageThread = { id: list.length + 1, ...empty, comments: [], ...more }
    say(thread, author, content)
    list.push(thread)
    tell(id)
    return thread
  }
  return {
    addThread,
    threads: id => threads.get(id) ?? [],
    async postComment({ pullRequestId, user, content, threadId, context = null }) {
      const author = people.find(({ name }) => name === user)
      if (!author || author === reader)
        throw new Error('TF401027: You need the Git ‘PullRequestContribute’ permission to perform this action.')
      if (threadId === undefined)
        return { threadId: addThread(pullRequestId, author, content, { context }).id, commentId: 1 }
      const commentId = say(found(pullRequestId, threadId), author, content)
      tell(pullRequestId)
      return { threadId, commentId }
    },
    editComment: async ({ content, ...at }) => change(at, { content, editedAt: new Date().toISOString() }),
    deleteComment: async at => change(at, { content: '', isDeleted: true }),
    async setThreadStatus({ pullRequestId, threadId, status }) {
      found(pullRequestId, threadId).status = status
      tell(pullRequestId)
    },
  }
}

function say(thread: PageThread, author: PageUser, content: string): number {
  const id = thread.comments.length + 1
  const kind = thread.status === 'unknown' ? 'system' : 'text'
  const fresh = { publishedAt: new Date().toISOString(), editedAt: null, isDeleted: false, likedBy: [] }
  thread.comments.push({ id, parentId: id === 1 ? 0 : 1, author, content, kind, ...fresh })
  return id
}

function firstThreads(talk: Talk): void {
  talk.addThread(12, alice, 'Alice Archer published the pull request', { status: 'unknown' })
  const inline = talk.addThread(12, reader, 'Why not a token?\n```suggestion\n  background: var(--brand);\n```', {
    context: { path: '/src/button.css', startLine: 15, endLine: 15, side: 'right' },
  })
  say(inline, alice, 'Good idea, see https://contoso.example/tokens.')
  const command = talk.addThread(12, alice, '/edit /2 make the buttons red', { status: 'closed' })
  say(command, bot, overview)
}

export function sampleModel(): SampleModel {
  const listeners = new Set<{ id: number | null; listener: Parameters<PageModel['subscribe']>[1] }>()
  const tell = (pullRequestId: number) => {
    for (const { id, listener } of listeners)
      if (id === null || id === pullRequestId) listener({ kind: 'comment', pullRequestId })
  }
  const pullRequests = samplePullRequests()
  const talk = sampleTalk(tell)
  firstThreads(talk)
  const cloneUrl = 'http://127.0.0.1:8080/contoso/Web/_git/shop'
  return {
    ...talk,
    organisation: 'contoso',
    subscribers: () => listeners.size,
    setDraftTitle(id, title) {
      const pr = pullRequests.find(one => one.id === id)
      if (pr) pr.title = title
      tell(12)
    },
    users: () => people,
    repositories: async () => [
      { id: 'r1', project: 'Web', name: 'shop', defaultBranch: 'main', cloneUrl, activePullRequests: 3 },
    ],
    pullRequests: ({ status = 'active' } = {}) => pullRequests.filter(pr => status === 'all' || pr.status === status),
    pullRequest: id => pullRequests.find(pr => pr.id === id),
    statuses: id => (id === 12 ? statuses : []),
    commits: async id => [sampleCommit(`${id}`.padStart(40, 'a'))],
    diff: async id => sampleDiff(id),
    compare: async ({ base, target }) => compareSamples(Number(base.slice(-2)), Number(target.slice(-2))),
    commit: async ({ commitId }) =>
      commitId.startsWith('aaa') ? { commit: sampleCommit(commitId), files: sampleDiff(12) } : undefined,
    subscribe(id, listener) {
      const one = { id, listener }
      listeners.add(one)
      return () => listeners.delete(one)
    },
  }
}

function compareSamples(left: number, right: number): PageFileDiff[] {
  const [a, b] = [
    { ...contents[12], ...contents[left] },
    { ...contents[12], ...contents[right] },
  ]
  return [...new Set([...Object.keys(a), ...Object.keys(b)])]
    .filter(path => (a[path] ?? null) !== (b[path] ?? null))
    .map(path => file(path, a[path] ?? null, b[path] ?? null))
}

function sampleCommit(id: string): PageCommit {
  return {
    id,
    parents: ['b'.repeat(40)],
    authorName: 'Alice Archer',
    authorEmail: 'alice@contoso.example',
    authoredAt: when(140),
    message: 'Restyle the buttons\n\nBigger, and <b>blue</b>.\n\nRun: 1\n',
  }
}
