import { givenServers } from './given-servers.ts'
import { readLlmScript } from './llm-script-file.ts'
import { type Installation, startInstallation } from './local-installation.ts'
import { sampleRepository } from './prepare-repository.ts'
import { realModel } from './real-model.ts'
import { untilSignal } from './until-signal.ts'

export type DevOptions = { json: boolean; repos?: string; llmScript?: string; model: boolean }

/** The fleet stays up and reacts to whatever a client does on the emulator's API, until a signal. */
export async function dev(options: DevOptions): Promise<number> {
  const say = (message: string) => process.stderr.write(`${message}\n`)
  const script = options.llmScript ? await readLlmScript(options.llmScript) : undefined
  const signal = untilSignal()
  const installation = await startInstallation({
    progress: say,
    servers: givenServers(),
    onRestart: app => say(`${app} ended; starting it again`),
    ...(options.repos ? { importRepos: options.repos } : {}),
    ...(script ? { script } : {}),
    ...(options.model ? { realModel: realModel() } : {}),
  })
  try {
    if (!options.repos) await offerSample(installation)
    const described = describe(installation)
    process.stdout.write(options.json ? `${JSON.stringify(described)}\n` : `${JSON.stringify(described, null, 2)}\n`)
    await signal
    return 0
  } finally {
    await installation.stop()
  }
}

/** Something to comment on, for whoever brought nothing. */
async function offerSample({ azureDevOps }: Installation): Promise<void> {
  const sample = await sampleRepository()
  await azureDevOps.createRepository({ project: 'demo', name: 'shop', from: sample.bare })
  await sample.remove()
  const { title, sourceBranch, targetBranch } = sample
  await azureDevOps.createPullRequest({
    project: 'demo',
    repository: 'shop',
    user: 'alice',
    title,
    description: '',
    sourceBranch,
    targetBranch,
  })
}

function describe(installation: Installation) {
  const { azureDevOps, gateway, bullBoard, runPage, model, databaseUrl, redisUrl, repos, fleet } = installation
  const { url, adminUrl, tokens } = azureDevOps
  const { project, repository } = azureDevOps.first()
  return {
    azureDevOps: { url, admin: adminUrl, project, repository, tokens },
    gateway,
    bullBoard,
    runPage,
    llm: model,
    databaseUrl,
    redisUrl,
    repos,
    processes: fleet.processes().map(({ app, pid }) => ({ app, pid })),
  }
}
