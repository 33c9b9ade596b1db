/** What package managers run by themselves, without anybody asking for it by name. */
const lifecycle =
  /^(?:preinstall|install|postinstall|prepublish|prepublishonly|preprepare|prepare|postprepare|prepack|postpack|dependencies|preuninstall|uninstall|postuninstall|pnpm:devpreinstall|(?:pre|post)-(?:install|update|autoload-dump|package|root-package)[a-z-]*|(?:pre|post)-(?:dependencies|operations|pool|file)[a-z-]*)$/i

/** Keys that let the packages' own scripts run. */
const permissions = ['trustedDependencies', 'allowScripts', 'allowedScripts', 'lavamoat', 'gypfile']

type Manifest = Record<string, unknown>

/**
 * What a changed package.json or composer.json would run by itself that it did not before, as the end of a sentence.
 * @param before undefined for a new file; a text that is no JSON counts as empty
 */
export function lifecycleFault(before: string | undefined, after: string | undefined): string | undefined {
  if (after === undefined) return undefined
  const fresh = manifest(after)
  if (fresh === undefined) return 'cannot be read, so nobody knows what it would run'
  const old = manifest(before ?? '{}') ?? { scripts: {}, permissions: {} }
  const name = Object.keys(fresh.scripts).find(
    script => lifecycle.test(script) && !same(fresh.scripts[script], own(old.scripts, script)),
  )
  if (name !== undefined) return `would run its script “${name.slice(0, 40)}” when somebody installs it`
  const key = Object.keys(fresh.permissions).find(one => !same(fresh.permissions[one], own(old.permissions, one)))
  return key === undefined ? undefined : `changes which packages may run scripts (“${key}”)`
}

function manifest(text: string): { scripts: Manifest; permissions: Manifest } | undefined {
  try {
    const parsed: unknown = JSON.parse(text.replace(/^\uFEFF/, ''))
    if (!isRecord(parsed)) return undefined
    const pnpm = isRecord(parsed.pnpm) ? parsed.pnpm : {}
    const kept = [
      ...permissions.flatMap(key => (parsed[key] === undefined ? [] : [[key, parsed[key]]])),
      ...Object.entries(pnpm)
        .filter(([key]) => /built|build/i.test(key))
        .map(([key, value]) => [`pnpm.${key}`, value]),
    ]
    return { scripts: isRecord(parsed.scripts) ? parsed.scripts : {}, permissions: Object.fromEntries(kept) }
  } catch {
    return undefined
  }
}

function own(record: Manifest, key: string): unknown {
  return Object.hasOwn(record, key) ? record[key] : undefined
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

function isRecord(value: unknown): value is Manifest {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
