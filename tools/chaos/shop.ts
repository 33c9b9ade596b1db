import type { AzureDevOpsEmulator } from '@code-agent/emulator-azure-devops/emulator'

const at = { project: 'demo', repository: 'shop' }

const files = {
  'README.md': '# Shop\n\nA page with a few buttons.\n',
  'index.html': `<!doctype html>
<html lang="en">
  <head>
    <title>Shop</title>
    <link rel="stylesheet" href="main.css">
  </head>
  <body>
    <button class="button" id="order">Order</button>
    <button class="button" id="later">Later</button>
  </body>
</html>
`,
  'main.css': `body {
  margin: 2rem;
}

.button {
  background: silver;
  border: 0;
}
`,
}

/** A small repository with two active pull requests to comment on. */
export async function shop(
  azure: AzureDevOpsEmulator,
): Promise<{ project: string; repository: string; pullRequests: number[] }> {
  await azure.createRepository({ project: at.project, name: at.repository })
  await azure.commitFiles({ ...at, branch: 'main', files, message: 'Open the shop' })
  const pullRequests: number[] = []
  for (const topic of ['first', 'second']) {
    const branch = `feature/${topic}`
    await azure.commitFiles({ ...at, branch, base: 'main', files: { [`${topic}.txt`]: `${topic}\n` }, message: topic })
    const request = { ...at, title: `The ${topic} change`, sourceBranch: branch, targetBranch: 'main' }
    pullRequests.push(await azure.createPullRequest(request))
  }
  return { ...at, pullRequests }
}
