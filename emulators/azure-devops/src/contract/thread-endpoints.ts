import { type EndpointTable, endpoint } from './endpoint.ts'

const all = 'git/repositories/{repositoryId}/pullRequests/{pullRequestId}/threads'
const one = `${all}/{threadId}`
const comment = `${one}/comments/{commentId}`
const threads = 'ab6e2e5d-a0b7-4153-b64a-a4efe0d49449'
const comments = '965a3ec7-5ed8-455a-bdcb-835a5ea7fe7b'
const likes = '5f2e2851-1389-425b-a00b-fb2adb3ef31b'
const threadScope = { scope: 'vso.threads_full' }

/** Threads and comments; creating answers 200, not 201. */
export const threadEndpoints = {
  getThreads: endpoint('GET', all, threads, 'Thread[]'),
  createThread: endpoint('POST', all, threads, 'Thread', threadScope),
  getThread: endpoint('GET', one, threads, 'Thread'),
  updateThread: endpoint('PATCH', one, threads, 'Thread', threadScope),
  getComments: endpoint('GET', `${one}/comments`, comments, 'Comment[]'),
  createComment: endpoint('POST', `${one}/comments`, comments, 'Comment', threadScope),
  getComment: endpoint('GET', comment, comments, 'Comment'),
  updateComment: endpoint('PATCH', comment, comments, 'Comment', threadScope),
  deleteComment: endpoint('DELETE', comment, comments, 'none', threadScope),
  getLikes: endpoint('GET', `${comment}/likes`, likes, 'Identity[]'),
  createLike: endpoint('POST', `${comment}/likes`, likes, 'none', threadScope),
  deleteLike: endpoint('DELETE', `${comment}/likes`, likes, 'none', threadScope),
} satisfies EndpointTable
