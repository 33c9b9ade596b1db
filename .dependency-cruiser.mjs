import swc from '@swc/core/Visitor.js'

// swc parses `using`, its visitor does not know it and throws. To be removed when it does.
const visitor = swc.Visitor.prototype
const { visitStatement } = visitor
visitor.visitStatement = function (statement) {
  if (statement.type !== 'UsingDeclaration') return visitStatement.call(this, statement)
  statement.decls = this.visitVariableDeclarators(statement.decls)
  return statement
}

const PACKAGE = '^((?:apps|libs|emulators)/[^/]+|bull-board|tools)/'
// Tests, and what only tests use, may stand on emulators and test servers.
const TEST = String.raw`(\.test|\.conformance)\.ts$|/testing/|/test-[^/]+\.ts$`
// Tries the product as a whole, as its operators would.
const WHOLE = '^tools/(?:chaos|damage)/'
const npm = names => `(^|node_modules/)(${names})(/|$)`

const onlyImporter = (owner, names) => ({
  name: `only-${owner.replace('/', '-')}-imports-${names.split('|')[0].replace(/\W/g, '-')}`,
  severity: 'error',
  // Tests may be the public client, or look into a server.
  from: { path: '^(apps|libs)/', pathNot: `^${owner}/|${TEST}` },
  to: { path: npm(names) },
})

const never = (name, from, to) => ({ name, severity: 'error', from, to })

export default {
  forbidden: [
    never(
      'base-libs-stand-alone',
      { path: '^libs/(jobs|command|patch)/', pathNot: TEST },
      {
        path: '^libs/',
        pathNot: '^libs/(jobs|command|patch)/',
      },
    ),
    never(
      'patch-and-command-are-pure',
      { path: '^libs/(command|patch)/', pathNot: TEST },
      {
        dependencyTypes: ['core'],
        pathNot: '^(node:)?(crypto|util|buffer|string_decoder)$',
      },
    ),
    never(
      'libs-of-the-middle-know-only-the-base',
      { path: '^libs/(queue|ado|llm|store|repository|service)/', pathNot: TEST },
      {
        path: '^libs/',
        pathNot: '^libs/($1|jobs|command|patch)/',
      },
    ),
    never('ado-and-llm-know-neither-queue-nor-store', { path: '^libs/(ado|llm)/' }, { path: '^libs/(queue|store)/' }),
    never(
      'no-app-imports-an-app',
      { path: '^(apps/[^/]+|bull-board)/' },
      { path: '^(apps|bull-board)/', pathNot: '^$1/' },
    ),
    never(
      'libs-do-not-import-apps',
      { path: '^(libs|emulators|tools)/', pathNot: WHOLE },
      { path: '^(apps|bull-board)/' },
    ),
    never(
      'emulators-and-tools-share-nothing-with-the-product',
      { path: '^(emulators|tools)/', pathNot: `${WHOLE}|^tools/configuration-table.ts$|${TEST}` },
      {
        path: '^(libs|apps|bull-board)/',
      },
    ),
    never(
      'the-product-stands-without-emulators-and-tools',
      { path: '^(apps|libs|bull-board)/', pathNot: `^apps/cli/|${TEST}` },
      {
        path: '^(emulators|tools)/',
      },
    ),
    onlyImporter('libs/queue', 'bullmq|ioredis'),
    onlyImporter('libs/store', 'kysely|pg'),
    onlyImporter('libs/ado', 'azure-devops-node-api'),
    onlyImporter('libs/llm', '@anthropic-ai|openai'),
    never(
      'packages-meet-by-name-not-by-path',
      { path: PACKAGE },
      {
        path: '^(apps|libs|emulators|bull-board|tools)/',
        pathNot: '^$1/',
        dependencyTypes: ['local'],
        dependencyTypesNot: ['aliased', 'aliased-workspace'],
      },
    ),
    // A cycle of types alone does no harm when the program runs.
    never('no-cycle', {}, { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } }),
    never('every-import-is-found', {}, { couldNotResolve: true }),
    never(
      'every-package-is-declared',
      { path: '^(apps|libs|emulators|bull-board)/', pathNot: TEST },
      {
        dependencyTypes: ['npm-no-pkg', 'npm-dev', 'npm-unknown'],
      },
    ),
  ],
  options: {
    // TypeScript 7 has no programming interface: without another parser this would read no file, and be content.
    parser: 'swc',
    tsPreCompilationDeps: true,
    combinedDependencies: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
      extensions: ['.ts', '.mjs', '.js'],
    },
  },
}
