/** Says what becomes of a patch that touches the paths that fit. */
export type PathRule = {
  /** @param path folded: lower case, compatibility form, slashes */
  fits(path: string): boolean
  /** `allow`, `review` or `block`; whatever else it is counts as `block`. */
  verdict: string
  /** The end of a sentence that begins with the path. */
  because: string
}

/** Of a name anywhere in the repository. */
const named = (pattern: string) => new RegExp(`(?:^|/)(?:${pattern})$`)
/** Of everything below a folder of that name, wherever it lies. */
const below = (folders: string) => new RegExp(`(?:^|/)(?:${folders})/`)

const table: [verdict: 'block' | 'review', because: string, ...patterns: RegExp[]][] = [
  [
    'block',
    'is a pipeline, which runs with its secrets as soon as the branch is pushed',
    named(String.raw`[^/]*azure-?pipelines?[^/]*\.ya?ml|\.?vsts-ci[^/]*\.ya?ml`),
    below(String.raw`\.azure-?devops|\.?azure-?pipelines?|\.pipelines`),
  ],
  ['block', 'tells git what to do', /(?:^|\/)\.git[^/]*(?:\/|$)/, below(String.raw`\.husky|\.?githooks`)],
  [
    'block',
    'names what runs on a commit',
    named(String.raw`\.?lefthook(?:-local)?\.(?:ya?ml|toml|json)|\.pre-commit-config\.ya?ml|\.pre-commit-hooks\.ya?ml`),
  ],
  ['block', 'says who must approve', named(String.raw`codeowners|owners|owners_aliases|\.?reviewers(?:\.ya?ml)?`)],
  [
    'block',
    'instructs other agents',
    named(
      String.raw`agents?(?:\.[^/]+)?\.md|claude(?:\.[^/]+)?\.md|gemini\.md|copilot-instructions\.md|[^/]+\.instructions\.md|\.cursorrules|\.windsurfrules|\.clinerules|\.roorules|\.goosehints|\.aider[^/]*|\.?mcp\.json|\.code-agent\.[^/]+`,
    ),
    below(
      String.raw`\.claude|\.cursor|\.windsurf|\.clinerules|\.codex|\.gemini|\.roo|\.continue|\.code-agent|\.agents?`,
    ),
  ],
  [
    'block',
    'says where packages come from or what runs with them',
    named(
      String.raw`\.npmrc|\.yarnrc(?:\.ya?ml)?|\.pnpmfile\.c?js|pnpmfile\.c?js|\.pnp\.c?js|bunfig\.toml|binding\.gyp|nuget\.config|pip\.conf|pip\.ini|\.pypirc|\.condarc`,
    ),
    below(String.raw`\.yarn|\.cargo`),
  ],
  [
    'block',
    "runs on a developer's machine when the folder is opened",
    named(String.raw`[^/]+\.code-workspace|\.envrc|\.?mise(?:\.[^/]+)?\.toml|\.devcontainer\.json`),
    below(String.raw`\.vscode|\.idea|\.vs|\.devcontainer|\.fleet|\.zed`),
  ],
  [
    'review',
    'names dependencies',
    named(
      String.raw`package\.json|bower\.json|deno\.jsonc?|[^/]+\.(?:cs|fs|vb)proj|directory\.(?:packages|build)\.(?:props|targets)|[^/]+\.(?:props|targets|nuspec)|packages\.config|global\.json|pom\.xml|[^/]+\.gradle(?:\.kts)?|gradle\.properties|cargo\.toml|pyproject\.toml|setup\.(?:py|cfg)|requirements[^/]*\.txt|pipfile|gemfile|[^/]+\.gemspec|composer\.json|go\.mod|go\.work|mix\.exs|pubspec\.yaml|package\.swift|podfile|pnpm-workspace\.yaml`,
    ),
  ],
  [
    'review',
    'locks dependencies',
    named(
      String.raw`package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?|deno\.lock|packages\.lock\.json|cargo\.lock|poetry\.lock|uv\.lock|pdm\.lock|pipfile\.lock|gemfile\.lock|composer\.lock|go\.sum|go\.work\.sum|gradle\.lockfile|mix\.lock|pubspec\.lock|package\.resolved|podfile\.lock`,
    ),
    below('node_modules|vendor'),
  ],
  [
    'review',
    'says what a container holds or runs',
    named(
      String.raw`(?:docker|container)file[^/]*|[^/]+\.(?:docker|container)file|(?:docker-)?compose[^/]*\.ya?ml|\.dockerignore`,
    ),
  ],
  [
    'review',
    'is a pipeline of another system',
    named(
      String.raw`jenkinsfile[^/]*|\.travis\.yml|\.?appveyor\.yml|bitbucket-pipelines\.yml|\.drone\.ya?ml|\.woodpecker\.ya?ml|cloudbuild\.ya?ml|buildspec\.ya?ml`,
    ),
    below(String.raw`\.circleci|\.buildkite|\.teamcity|\.woodpecker`),
  ],
  [
    'review',
    'runs when the project is built',
    named(
      String.raw`(?:gnu)?makefile|[^/]+\.mk|cmakelists\.txt|taskfile\.ya?ml|justfile|rakefile|gradlew(?:\.bat)?|mvnw(?:\.cmd)?`,
    ),
    below(String.raw`\.mvn|gradle/wrapper`),
  ],
]

/** What holds where the installation says nothing else. */
export const builtInRules: readonly PathRule[] = table.map(([verdict, because, ...patterns]) => ({
  verdict,
  because,
  fits: path => patterns.some(pattern => pattern.test(path)),
}))
