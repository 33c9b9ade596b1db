import { type EndpointTable, endpoint } from './endpoint.ts'

const subscriptions = 'fc50d02a-849f-41fb-8af1-0a5216103269'
const notifications = '0c62d343-21b0-4732-997b-017fde84dc28'
const areas = 'e81700f7-3be2-46de-8624-2eb35882fcaa'
const projects = '603fe2ac-9723-48b9-88ad-09305aa6c6e1'
const accessControlEntries = 'ac08c8ff-4323-4b08-af90-bcd018d380ce'
const namespaces = 'ce7b9f95-fde9-4be8-a86d-83b366f0b87a'
const open = { scope: 'none' }
const project = { scope: 'vso.project' }
const hooks = { scope: 'vso.hooks_write' }
const security = { scope: 'vso.security_manage' }
const identity = { scope: 'vso.identity' }
const graph = { scope: 'vso.graph' }
const wit = { scope: 'vso.work' }

/** Everything outside the git area: who and where one is, rights, hooks. */
export const serviceEndpoints = {
  getResourceAreas: endpoint('GET', 'ResourceAreas', areas, 'ResourceArea[]', open),
  getResourceArea: endpoint('GET', 'ResourceAreas/{areaId}', areas, 'ResourceArea', open),
  getConnectionData: endpoint('GET', 'connectionData', '00d9565f-ed9c-4a06-9a50-00e7896ccab4', 'ConnectionData', open),

  getProjects: endpoint('GET', 'projects', projects, 'Project[]', project),
  getProject: endpoint('GET', 'projects/{projectId}', projects, 'ProjectDetail', project),

  getSecurityNamespaces: endpoint('GET', 'SecurityNamespaces', namespaces, 'SecurityNamespace[]', security),
  getSecurityNamespace: endpoint(
    'GET',
    'SecurityNamespaces/{securityNamespaceId}',
    namespaces,
    'SecurityNamespace[]',
    security,
  ),
  getAccessControlLists: endpoint(
    'GET',
    'AccessControlLists/{securityNamespaceId}',
    '18a2ad18-7571-46ae-bec7-0c7da1495885',
    'AccessControlList[]',
    security,
  ),
  setAccessControlEntries: endpoint(
    'POST',
    'AccessControlEntries/{securityNamespaceId}',
    accessControlEntries,
    'AccessControlEntry[]',
    security,
  ),
  getPermissions: endpoint(
    'GET',
    'Permissions/{securityNamespaceId}/{permissions}',
    'dd3b8bd6-c7fc-4cbd-929a-933d9c011c9d',
    'Flag[]',
    open,
  ),
  evaluatePermissions: endpoint(
    'POST',
    'Security/PermissionEvaluationBatch',
    'cf1faa59-1b63-4448-bf04-13d981a46f5d',
    'PermissionEvaluationBatch',
    open,
  ),
  getIdentities: endpoint('GET', 'Identities', '28010c54-d0c0-4c89-a5b0-1d9b188b9fb7', 'FullIdentity[]', identity),
  getIdentity: endpoint(
    'GET',
    'Identities/{identityId}',
    '28010c54-d0c0-4c89-a5b0-1d9b188b9fb7',
    'FullIdentity',
    identity,
  ),
  getGraphUsers: endpoint('GET', 'Graph/Users', '005e26ec-6b77-4e4f-a986-b3827bf241f5', 'GraphUser[]', graph),
  getGraphUser: endpoint('GET', 'Graph/Users/{descriptor}', '005e26ec-6b77-4e4f-a986-b3827bf241f5', 'GraphUser', graph),
  getGraphGroups: endpoint('GET', 'Graph/Groups', 'ebbe6af8-0b91-4c13-8cf1-777c14858188', 'GraphGroup[]', graph),
  getGraphMemberships: endpoint(
    'GET',
    'Graph/Memberships/{descriptor}',
    'e34b6394-6b30-4435-94a9-409a5eef3e31',
    'GraphMembership[]',
    graph,
  ),
  getGraphDescriptor: endpoint(
    'GET',
    'Graph/Descriptors/{storageKey}',
    '048aee0a-7072-4cde-ab73-7af77b1e0b4e',
    'GraphDescriptor',
    graph,
  ),

  getSubscriptions: endpoint('GET', 'hooks/subscriptions', subscriptions, 'Subscription[]', hooks),
  createSubscription: endpoint('POST', 'hooks/subscriptions', subscriptions, 'Subscription', hooks),
  getSubscription: endpoint('GET', 'hooks/subscriptions/{subscriptionId}', subscriptions, 'Subscription', hooks),
  replaceSubscription: endpoint('PUT', 'hooks/subscriptions/{subscriptionId}', subscriptions, 'Subscription', hooks),
  deleteSubscription: endpoint('DELETE', 'hooks/subscriptions/{subscriptionId}', subscriptions, 'none', {
    status: 204,
    ...hooks,
  }),
  getNotifications: endpoint(
    'GET',
    'hooks/subscriptions/{subscriptionId}/notifications',
    notifications,
    'Notification[]',
    hooks,
  ),
  getNotification: endpoint(
    'GET',
    'hooks/subscriptions/{subscriptionId}/notifications/{notificationId}',
    notifications,
    'Notification',
    hooks,
  ),
  queryNotifications: endpoint(
    'POST',
    'hooks/notificationsQuery',
    '1a57562f-160a-4b5c-9185-905e95b39d36',
    'NotificationsQuery',
    hooks,
  ),
  createTestNotification: endpoint(
    'POST',
    'hooks/testNotifications',
    '1139462c-7e27-4524-a997-31b9b73551fe',
    'Notification',
    hooks,
  ),

  queryByWiql: endpoint('POST', 'wit/wiql', '1a9c53f7-f243-4447-b110-35ef023636e4', 'WorkItemQuery', wit),
  getWorkItem: endpoint('GET', 'wit/workItems/{id}', '72c7ddf8-2cdc-4f60-90cd-ab71c14a399b', 'WorkItem', wit),
} satisfies EndpointTable
