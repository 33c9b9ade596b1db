import { connect } from '@code-agent/ado/connection'
import { inspect } from '@code-agent/ado/inspect'
import { organisationName } from '@code-agent/jobs/organisation'
import { environment } from '@code-agent/service/environment'
import type { PauseScope } from '@code-agent/store/pauses'
import { WrongUsage } from '../command.ts'
import { azureDevOpsFromEnvironment } from '../operator-settings.ts'

const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** Organisation by its name or AZURE_DEVOPS_URL, repository by its id or as PROJECT/REPOSITORY. */
export async function pauseScope(of: {
  organisation?: string | undefined
  repository?: string | undefined
}): Promise<PauseScope> {
  const url = environment().AZURE_DEVOPS_URL
  const organisation = of.organisation?.toLowerCase() ?? (url === undefined ? undefined : organisationName(url))
  if (organisation === undefined) throw new WrongUsage('say --organisation NAME, or set AZURE_DEVOPS_URL')
  if (of.repository === undefined) return { organisation }
  if (guid.test(of.repository)) return { organisation, repositoryId: of.repository.toLowerCase() }
  return { organisation, repositoryId: await repositoryIdOf(of.repository) }
}

async function repositoryIdOf(name: string): Promise<string> {
  const connection = connect(azureDevOpsFromEnvironment())
  try {
    const found = (await inspect(connection).repositories()).find(
      one => `${one.projectName}/${one.name}`.toLowerCase() === name.toLowerCase(),
    )
    if (!found) throw new Error(`Azure DevOps shows no repository ${name}; write it as PROJECT/REPOSITORY, or its id`)
    return found.repositoryId
  } finally {
    connection.close()
  }
}
