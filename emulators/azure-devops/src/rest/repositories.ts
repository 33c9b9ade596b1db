import { z } from 'zod'
import type { repositoryEndpoints } from '../contract/repository-endpoints.ts'
import { readRef } from '../git/refs.ts'
import { type Call, type Handlers, list, readBody } from '../http/call.ts'
import { ServiceError } from '../http/service-error.ts'
import { isUsableName, type Repository } from '../state/repository.ts'
import type { World } from '../state/world.ts'
import { demand, may, repositoryOf } from './access.ts'
import { renderRepository } from './render-repository.ts'

type Names = 'getRepositories' | 'createRepository' | 'getRepository' | 'updateRepository' | 'deleteRepository'

const createBody = z.object({ name: z.string(), project: z.object({ id: z.string() }).optional() })
const updateBody = z.object({
  name: z.string().optional(),
  defaultBranch: z.string().optional(),
  isDisabled: z.boolean().optional(),
})

async function update(world: World, call: Call, repository: Repository) {
  const change = readBody(call, updateBody, 'newRepositoryInfo')
  if (change.name !== undefined && change.name !== repository.name) {
    demand(world, call.user, 'RenameRepository', repository)
    if (!isUsableName(change.name)) throw new ServiceError('badArgument', 'Invalid argument value.', 'name')
    if (world.findRepository(repository.project, change.name))
      throw new ServiceError('repositoryNameTaken', change.name)
    await world.renameRepository(repository, change.name)
  }
  if (change.defaultBranch !== undefined) {
    demand(world, call.user, 'RenameRepository', repository)
    if (!(await readRef(repository.git, change.defaultBranch)))
      throw new ServiceError('refNotFound', change.defaultBranch)
    await repository.git.run(['symbolic-ref', 'HEAD', change.defaultBranch])
  }
  if (change.isDisabled !== undefined) {
    demand(world, call.user, 'DeleteRepository', repository)
    repository.isDisabled = change.isDisabled
  }
  world.happenings.emit({ kind: 'repository-updated', repository, by: call.user })
}

export function repositoryHandlers(world: World): Pick<Handlers<typeof repositoryEndpoints>, Names> {
  return {
    async getRepositories(call) {
      const visible = world.repositories.filter(
        one => (!call.project || one.project === call.project) && may(world, call.user, 'GenericRead', one),
      )
      return list(await Promise.all(visible.map(one => renderRepository(one, call.links))))
    },
    async createRepository(call) {
      const body = readBody(call, createBody, 'repositoryToCreate')
      const project = call.project ?? (body.project && world.findProject(body.project.id))
      if (!project) throw new ServiceError('projectNotFound', body.project?.id ?? '')
      if (!call.user.mayEditHooks)
        throw new ServiceError('needsPermission', 'CreateRepository', call.user.displayName, 'project')
      if (!isUsableName(body.name)) throw new ServiceError('badArgument', 'Invalid argument value.', 'name')
      if (world.findRepository(project, body.name)) throw new ServiceError('repositoryNameTaken', body.name)
      const repository = await world.createRepository({ project, name: body.name, by: call.user })
      return { json: await renderRepository(repository, call.links) }
    },
    async getRepository(call) {
      return { json: await renderRepository(repositoryOf(world, call), call.links) }
    },
    async updateRepository(call) {
      const repository = repositoryOf(world, call)
      await update(world, call, repository)
      return { json: await renderRepository(repository, call.links) }
    },
    async deleteRepository(call) {
      const repository = repositoryOf(world, call)
      demand(world, call.user, 'DeleteRepository', repository)
      await world.deleteRepository(repository, call.user)
      return {}
    },
  }
}
