import { type EndpointTable, endpoint } from './endpoint.ts'

const configurations = 'dad91cbe-d183-45f8-9c6e-9c1164472121'
const revisions = 'fe1e68a2-60d3-43cb-855b-85e41ae97c95'
const types = '44096322-2d3d-466a-bb30-d1b7de69f61f'
const evaluation = '46aecb7a-5d2c-4647-897b-0209505a9fe4'
const one = 'policy/configurations/{configurationId}'

/** Branch policies and what they say of a pull request. */
export const policyEndpoints = {
  getPolicyConfigurations: endpoint('GET', 'policy/configurations', configurations, 'PolicyConfiguration[]'),
  createPolicyConfiguration: endpoint('POST', 'policy/configurations', configurations, 'PolicyConfiguration'),
  getPolicyConfiguration: endpoint('GET', one, configurations, 'PolicyConfiguration'),
  updatePolicyConfiguration: endpoint('PUT', one, configurations, 'PolicyConfiguration'),
  deletePolicyConfiguration: endpoint('DELETE', one, configurations, 'none', { status: 204 }),
  getPolicyRevisions: endpoint('GET', `${one}/revisions`, revisions, 'PolicyConfiguration[]'),
  getPolicyRevision: endpoint('GET', `${one}/revisions/{revisionId}`, revisions, 'PolicyConfiguration'),
  getPolicyTypes: endpoint('GET', 'policy/types', types, 'PolicyType[]'),
  getPolicyType: endpoint('GET', 'policy/types/{typeId}', types, 'PolicyType'),
  getPolicyEvaluations: endpoint(
    'GET',
    'policy/evaluations',
    'c23ddff5-229c-4d04-a80b-0fdce9f360c8',
    'PolicyEvaluation[]',
  ),
  getPolicyEvaluation: endpoint('GET', 'policy/evaluations/{evaluationId}', evaluation, 'PolicyEvaluation'),
  requeuePolicyEvaluation: endpoint('PATCH', 'policy/evaluations/{evaluationId}', evaluation, 'PolicyEvaluation'),
} satisfies EndpointTable
