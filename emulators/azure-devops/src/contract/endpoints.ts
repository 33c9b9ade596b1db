import { policyEndpoints } from './policy-endpoints.ts'
import { pullRequestEndpoints } from './pull-request-endpoints.ts'
import { repositoryEndpoints } from './repository-endpoints.ts'
import { serviceEndpoints } from './service-endpoints.ts'
import { threadEndpoints } from './thread-endpoints.ts'

/** Everything below `_apis` that the emulator answers. */
export const endpoints = {
  ...repositoryEndpoints,
  ...pullRequestEndpoints,
  ...threadEndpoints,
  ...policyEndpoints,
  ...serviceEndpoints,
}
export type EndpointName = keyof typeof endpoints

export function isEndpointName(name: string): name is EndpointName {
  return name in endpoints
}

/** bytes of a request's body */
export const largestRequest = 26_214_400
