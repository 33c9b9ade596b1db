import { allLocations, newestVersion, resourceAreas } from '../contract/locations.ts'
import type { serviceEndpoints } from '../contract/service-endpoints.ts'
import { type Answer, type Call, type Handlers, list, param } from '../http/call.ts'
import { ServiceError } from '../http/service-error.ts'
import { guidOf } from '../state/guid.ts'
import type { World } from '../state/world.ts'
import { hrefs, isoDate } from './links.ts'
import { renderProject } from './render-repository.ts'

type Names =
  | 'getResourceAreas'
  | 'getResourceArea'
  | 'getConnectionData'
  | 'getProjects'
  | 'getProject'
  | 'queryByWiql'
  | 'getWorkItem'

/** The answer to OPTIONS `_apis` and `_apis/{area}`. */
export function describeLocations(area: string | undefined): Answer {
  const chosen = allLocations().filter(one => area === undefined || one.area.toLowerCase() === area.toLowerCase())
  return list(
    chosen.map(one => ({
      id: one.id,
      area: one.area,
      resourceName: one.resource,
      routeTemplate: one.template,
      resourceVersion: one.resourceVersion,
      minVersion: one.minVersion,
      maxVersion: newestVersion,
      releasedVersion: one.releasedVersion,
    })),
  )
}

function connectionData(world: World, call: Call): Answer {
  const { user } = call
  const self = {
    id: user.id,
    descriptor: user.descriptor,
    subjectDescriptor: user.subjectDescriptor,
    providerDisplayName: user.displayName,
    customDisplayName: user.displayName,
    isActive: true,
    properties: { Account: { $type: 'System.String', $value: user.uniqueName } },
    resourceVersion: 2,
    metaTypeId: 0,
  }
  return {
    json: {
      authenticatedUser: self,
      authorizedUser: self,
      instanceId: world.collectionId,
      deploymentId: guidOf('deployment', world.organisation),
      deploymentType: 'hosted',
      locationServiceData: {
        serviceOwner: '00025394-6065-48ca-87d9-7f5672854ef7',
        defaultAccessMappingMoniker: 'PublicAccessMapping',
        lastChangeId: 1,
        lastChangeId64: 1,
      },
    },
  }
}

function projectDetail(world: World, call: Call): Answer {
  const nameOrId = param(call, 'projectId')
  const project = world.findProject(nameOrId)
  if (!project) throw new ServiceError('projectNotFound', nameOrId)
  const teamId = guidOf('team', project.id)
  const { id, name, url, state, ...rest } = renderProject(project, call.links)
  return {
    json: {
      id,
      name,
      url,
      state,
      ...(call.query.flag('includeCapabilities')
        ? {
            capabilities: {
              processTemplate: { templateName: 'Basic', templateTypeId: 'b8a3a935-7e91-48b8-a94c-606d37c3e9f2' },
              versioncontrol: { sourceControlType: 'Git', gitEnabled: 'True', tfvcEnabled: 'False' },
            },
          }
        : {}),
      ...rest,
      _links: hrefs({
        self: url,
        collection: `${call.links.base}/_apis/projectCollections/${world.collectionId}`,
        web: `${call.links.base}/${encodeURIComponent(name)}`,
      }),
      defaultTeam: { id: teamId, name: `${name} Team`, url: `${url}/teams/${teamId}` },
    },
  }
}

export function discoveryHandlers(world: World): Pick<Handlers<typeof serviceEndpoints>, Names> {
  const area = ([name, id]: [string, string], call: Call) => ({ id, name, locationUrl: `${call.links.base}/` })
  return {
    getResourceAreas: call => list(resourceAreas.map(one => area(one, call))),
    getResourceArea(call) {
      const found = resourceAreas.find(([, id]) => id === param(call, 'areaId').toLowerCase())
      // an unknown area is answered with nothing rather than an error
      return { json: found ? area(found, call) : null }
    },
    getConnectionData: call => connectionData(world, call),
    getProjects: call => list(world.projects.map(project => renderProject(project, call.links))),
    getProject: call => projectDetail(world, call),
    // there are no boards: whatever is asked for is not there
    queryByWiql: () => ({
      json: {
        queryType: 'flat',
        queryResultType: 'workItem',
        asOf: isoDate(world.clock.now()),
        columns: [],
        workItems: [],
      },
    }),
    getWorkItem(call) {
      const id = Number(param(call, 'id'))
      if (!Number.isInteger(id) || id < 1) throw new ServiceError('workItemNotFound', param(call, 'id'))
      const fields = { 'System.Title': `Work item ${id}`, 'System.State': 'Active', 'System.WorkItemType': 'Task' }
      const url = `${call.links.base}/_apis/wit/workItems/${id}`
      return { json: { id, rev: 1, fields, _links: hrefs({ self: url }), url } }
    },
  }
}
