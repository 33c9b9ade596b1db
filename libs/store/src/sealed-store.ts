import { PatchChange } from '@code-agent/jobs/run'
import { z } from 'zod'
import type { Admission } from './admission.ts'
import { exactly, type JsonValue } from './json.ts'
import type { Patch } from './patches.ts'
import type { RunRow } from './read.ts'
import type { Seal } from './sealed-text.ts'
import type { Store } from './store.ts'

type Sealed = Pick<
  Store,
  | 'acceptRun'
  | 'acceptTask'
  | 'task'
  | 'run'
  | 'runs'
  | 'admit'
  | 'savePatch'
  | 'patch'
  | 'diffsOf'
  | 'saveAnswer'
  | 'answer'
>

/** A sealed list of changes as the table takes it: one change with this path. */
const sealedPath = 'sealed'

/** The words of people and models, and their code, reach the database only sealed. What was stored open before stays readable. */
export function sealedStore(store: Store, seal: Seal): Store {
  return { ...store, ...sealedParts(store, seal) }
}

function sealedParts(store: Store, seal: Seal): Sealed {
  const { sealAdmission, openAdmission, openRun } = runSeal(seal)
  const openPatch = patchSeal(seal)
  return {
    acceptRun: run =>
      store.acceptRun({
        ...run,
        commentText: seal.seal('comment', run.commentText),
        intent: seal.seal('intent', run.intent),
      }),
    acceptTask: task =>
      store.acceptTask({ ...task, payload: commentIn(task.payload, text => seal.seal('comment', text)) }),
    async task(taskId) {
      const task = await store.task(taskId)
      return task && { ...task, payload: commentIn(task.payload, text => seal.open('comment', text)) }
    },
    async run(runId) {
      const run = await store.run(runId)
      return run && { ...openRun(run), variants: run.variants }
    },
    runs: async of => (await store.runs(of)).map(openRun),
    async admit(of) {
      const stored = await store.admit({ ...of, admission: sealAdmission(of.admission) })
      return stored && openAdmission(stored)
    },
    savePatch: async patch => await store.savePatch(openPatch.sealed(patch)),
    async patch(of) {
      const stored = await store.patch(of)
      return stored && openPatch.opened(stored)
    },
    diffsOf: async runId =>
      (await store.diffsOf(runId)).map(({ variant, diff }) => ({ variant, diff: seal.open('diff', diff) })),
    async saveAnswer(of) {
      return openJson(await store.saveAnswer({ ...of, answer: seal.seal('answer', JSON.stringify(of.answer)) }))
    },
    async answer(of) {
      const stored = await store.answer(of)
      return stored === undefined ? stored : openJson(stored)
    },
  }

  function openJson(answer: JsonValue): JsonValue {
    return typeof answer === 'string' ? z.json().parse(JSON.parse(seal.open('answer', answer))) : answer
  }
}

function runSeal(seal: Seal) {
  const onPullRequest = (admission: Admission, change: (text: string) => string): Admission => ({
    ...admission,
    pullRequest: {
      title: change(admission.pullRequest.title),
      description: change(admission.pullRequest.description),
    },
  })
  const openAdmission = (admission: Admission) => onPullRequest(admission, text => seal.open('pull-request', text))
  return {
    openAdmission,
    sealAdmission: (admission: Admission) => onPullRequest(admission, text => seal.seal('pull-request', text)),
    openRun: <Row extends RunRow>(run: Row): Row => ({
      ...run,
      commentText: seal.open('comment', run.commentText),
      intent: seal.open('intent', run.intent),
      admission: run.admission && openAdmission(run.admission),
    }),
  }
}

function patchSeal(seal: Seal) {
  return {
    sealed(patch: Patch): Patch {
      // Sealed, the table could not tell any more.
      exactly('the diff', patch.diff)
      for (const { path, content = '' } of patch.changes) exactly(path, path + content)
      const changes = seal.seal('changes', JSON.stringify(patch.changes))
      return {
        ...patch,
        diff: seal.seal('diff', patch.diff),
        summary: seal.seal('summary', patch.summary),
        changes: [{ path: sealedPath, kind: 'edit', content: changes }],
      }
    },
    opened(patch: Patch): Patch {
      const [only] = patch.changes
      const sealed = only?.path === sealedPath && patch.changes.length === 1 ? only.content : undefined
      const opened = sealed === undefined ? sealed : seal.open('changes', sealed)
      return {
        ...patch,
        diff: seal.open('diff', patch.diff),
        summary: seal.open('summary', patch.summary),
        changes:
          opened === undefined || opened === sealed ? patch.changes : z.array(PatchChange).parse(JSON.parse(opened)),
      }
    },
  }
}

/** The text of a comment within a task's payload, if it has one. */
function commentIn(payload: JsonValue, change: (text: string) => string): JsonValue {
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) return payload
  const { commentText } = payload
  return typeof commentText === 'string' ? { ...payload, commentText: change(commentText) } : payload
}
