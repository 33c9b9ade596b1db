// Tells Nx what the workspace packages answer to, so that no package.json needs to:
// `npx nx run-many -t test`, `npx nx affected -t test`, `npx nx typecheck`.
import { dirname } from 'node:path'

const inRoot = (command, inputs) => ({ command, options: { cwd: '{workspaceRoot}' }, cache: true, inputs })

const sources = ['apps', 'bull-board', 'emulators', 'libs', 'tools'].map(name => `{workspaceRoot}/${name}/**/*.ts`)

function targetsOf(root) {
  // For tsc everything is one program, and two seconds for all of it leave nothing to gain from cutting it up.
  if (root === '.') return { typecheck: inRoot('tsc --noEmit -p tsconfig.json', [...sources, 'everywhere']) }
  return { test: inRoot(`vitest run --passWithNoTests ${root}/`, ['default', '^default']) }
}

export const createNodesV2 = [
  '{package.json,{apps,emulators,libs}/*/package.json,{bull-board,tools}/package.json}',
  files =>
    files.map(file => {
      const root = dirname(file)
      const name = root === '.' ? { name: 'code-agent' } : {}
      return [file, { projects: { [root]: { ...name, root, targets: targetsOf(root) } } }]
    }),
]
