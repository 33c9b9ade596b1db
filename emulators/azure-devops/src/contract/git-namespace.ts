/** Security namespace of git repositories; tokens are `repoV2/{projectId}/{repositoryId}`. */
export const gitNamespace = '2e9eb7ed-3c0a-47d4-87c1-0ffdd275fd87'

export const actions: [bit: number, name: string, displayName: string][] = [
  [1, 'Administer', 'Administer'],
  [2, 'GenericRead', 'Read'],
  [4, 'GenericContribute', 'Contribute'],
  [8, 'ForcePush', 'Force push (rewrite history, delete branches and tags)'],
  [16, 'CreateBranch', 'Create branch'],
  [32, 'CreateTag', 'Create tag'],
  [64, 'ManageNote', 'Manage notes'],
  [128, 'PolicyExempt', 'Bypass policies when pushing'],
  [256, 'CreateRepository', 'Create repository'],
  [512, 'DeleteRepository', 'Delete or disable repository'],
  [1024, 'RenameRepository', 'Rename repository'],
  [2048, 'EditPolicies', 'Edit policies'],
  [4096, 'RemoveOthersLocks', "Remove others' locks"],
  [8192, 'ManagePermissions', 'Manage permissions'],
  [16384, 'PullRequestContribute', 'Contribute to pull requests'],
  [32768, 'PullRequestBypassPolicy', 'Bypass policies when completing pull requests'],
]
