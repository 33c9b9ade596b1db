import type { PatchChange } from '@code-agent/jobs/run'

/** Files whose change reaches further than their lines, by what a reviewer should know of them. */
const kinds: { what: string; fits: RegExp }[] = [
  {
    what: 'locked versions',
    fits: /(?:^|\/)(?:package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?|packages\.lock\.json|Cargo\.lock|poetry\.lock|uv\.lock|Pipfile\.lock|Gemfile\.lock|composer\.lock|go\.sum|gradle\.lockfile)$/i,
  },
  {
    what: 'dependencies',
    fits: /(?:^|\/)(?:package\.json|[^/]+\.(?:cs|fs|vb)proj|Directory\.(?:Packages|Build)\.props|packages\.config|nuget\.config|\.npmrc|pom\.xml|build\.gradle(?:\.kts)?|settings\.gradle(?:\.kts)?|Cargo\.toml|pyproject\.toml|setup\.(?:py|cfg)|requirements[^/]*\.txt|Pipfile|Gemfile|composer\.json|go\.mod)$/i,
  },
  {
    what: 'pipelines',
    fits: /(?:^|\/)(?:azure-pipelines[^/]*\.ya?ml|\.gitlab-ci\.ya?ml|Jenkinsfile)$|(?:^|\/)(?:\.azure-?pipelines|\.pipelines|pipelines|\.github\/workflows)\/.*\.ya?ml$/i,
  },
  { what: 'containers', fits: /(?:^|\/)(?:Dockerfile[^/]*|[^/]+\.Dockerfile|(?:docker-)?compose[^/]*\.ya?ml)$/i },
  { what: 'infrastructure', fits: /\.(?:bicep|tf|tfvars)$|(?:^|\/)(?:Chart|kustomization)\.ya?ml$/i },
  { what: 'agent settings', fits: /(?:^|\/)(?:\.code-agent\.ya?ml|AGENTS\.md|CLAUDE\.md)$/i },
]

const test =
  /(?:^|\/)(?:tests?|specs?|__tests__)\/|(?:^|\/)[^/]*(?:[._-](?:test|spec)s?\.[^/]+|(?:Test|Tests|Spec)\.[A-Za-z]+)$|(?:^|\/)test_[^/]*\.py$/

/** What a reviewer should look at twice, in words: `changes dependencies`, `deletes a test`. In a fixed order. */
export function riskMarks(changes: readonly Pick<PatchChange, 'path' | 'kind'>[]): string[] {
  const changed = kinds.filter(({ fits }) => changes.some(({ path }) => fits.test(path))).map(({ what }) => what)
  const deleted = changes.filter(({ path, kind }) => kind === 'delete' && test.test(path)).length
  return [
    ...(deleted === 0 ? [] : [deleted === 1 ? 'deletes a test' : `deletes ${deleted} tests`]),
    ...changed.map(what => `changes ${what}`),
  ]
}
