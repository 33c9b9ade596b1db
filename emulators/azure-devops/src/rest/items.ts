import { z } from 'zod'
import type { repositoryEndpoints } from '../contract/repository-endpoints.ts'
import type { Commit } from '../git/commits.ts'
import { entryAt, listTree, type TreeEntry } from '../git/trees.ts'
import { type Answer, type Call, type Handlers, list, readBody } from '../http/call.ts'
import { looseEnum, parseEnum } from '../http/loose-enum.ts'
import { ServiceError } from '../http/service-error.ts'
import { zip } from '../http/zip.ts'
import type { Repository } from '../state/repository.ts'
import type { World } from '../state/world.ts'
import { repositoryOf } from './access.ts'
import { hrefs, type Links } from './links.ts'
import { readVersion, resolveVersion, versionOptions, versionTypes } from './versions.ts'

type Names = 'getItems' | 'getItemsByPath' | 'getItemsBatch'

const recursionLevels = ['none', 'oneLevel', 'oneLevelPlusNestedEmptyFolders', 'full'] as const
const recursionNumbers = { 0: 'none', 1: 'oneLevel', 4: 'oneLevelPlusNestedEmptyFolders', 120: 'full' } as const
type Recursion = (typeof recursionLevels)[number]

interface Found {
  repository: Repository
  commit: Commit
  links: Links
}

function relative(path: string): string {
  return path.replace(/^\/+|\/+$/g, '')
}

function contentMetadata(path: string, content: Buffer | undefined) {
  const name = path.split('/').at(-1) ?? ''
  const binary = content?.subarray(0, 8000).includes(0)
  return {
    ...(content
      ? { encoding: binary ? -1 : 65001, contentType: binary ? 'application/octet-stream' : 'text/plain' }
      : {}),
    fileName: name,
    extension: name.includes('.') ? name.split('.').at(-1) : '',
    ...(content ? { isBinary: binary } : {}),
  }
}

function renderItem(entry: TreeEntry, { repository, commit, links }: Found) {
  const path = `/${entry.path}`
  const query = `versionType=Commit&version=${commit.id}&versionOptions=None`
  return {
    objectId: entry.objectId,
    gitObjectType: entry.type,
    commitId: commit.id,
    path,
    ...(entry.type === 'tree' ? { isFolder: true } : {}),
    ...(entry.mode === '120000' ? { isSymLink: true } : {}),
    url: `${links.repository(repository)}/items${encodeURI(path)}?${query}`,
  }
}

/** The item at a path with what lies below it as far as asked for. 404 when there is none. */
async function itemsAt(found: Found, path: string, recursion: Recursion): Promise<TreeEntry[]> {
  const { repository, commit } = found
  const at = relative(path)
  const entry = await entryAt(repository.git, commit.id, at)
  if (!entry) throw new ServiceError('itemNotFound', `/${at}`, repository.name, `<Commit: ${commit.id} >`, commit.id)
  if (entry.type !== 'tree' || recursion === 'none') return [entry]
  const below = await listTree(repository.git, entry.objectId, { recursive: recursion === 'full' })
  return [entry, ...below.map(one => ({ ...one, path: at === '' ? one.path : `${at}/${one.path}` }))]
}

async function blobOf({ repository }: Found, entry: TreeEntry): Promise<Buffer> {
  if (entry.type !== 'blob') throw new ServiceError('badArgument', 'Invalid argument value.', 'path')
  const blob = await repository.git.read(entry.objectId)
  if (!blob) throw new ServiceError('objectNotFound', entry.objectId)
  return blob.content
}

async function zipOf(found: Found, entry: TreeEntry): Promise<Buffer> {
  if (entry.type === 'blob') return zip([{ path: entry.path, content: await blobOf(found, entry) }])
  const files = (await itemsAt(found, entry.path, 'full')).filter(one => one.type === 'blob')
  return zip(await Promise.all(files.map(async file => ({ path: file.path, content: await blobOf(found, file) }))))
}

/** One item: JSON, its text, its bytes, or a zip, by $format and then by Accept. */
async function oneItem(call: Call, found: Found, path: string): Promise<Answer> {
  const [entry] = await itemsAt(found, path, 'none')
  if (!entry) throw new ServiceError('itemNotFound', path)
  const format = call.query.text('format')?.toLowerCase() ?? formatOf(call.accept)
  const name = encodeURIComponent(entry.path.split('/').at(-1) || found.repository.name)
  const download = { 'content-disposition': `attachment; filename*=UTF-8''${name}` }
  if (format === 'zip') {
    const headers = { 'content-disposition': `attachment; filename*=UTF-8''${name}.zip` }
    return { bytes: await zipOf(found, entry), contentType: 'application/zip', headers }
  }
  if (entry.type === 'blob' && (format === 'text' || format === 'octetstream')) {
    const contentType = format === 'text' ? 'text/plain; charset=utf-8' : 'application/octet-stream'
    const headers = call.query.flag('download') ? download : {}
    return { bytes: await blobOf(found, entry), contentType, headers }
  }
  const content = entry.type === 'blob' ? await blobOf(found, entry) : undefined
  const item = renderItem(entry, found)
  return {
    json: {
      ...item,
      ...(content && call.query.flag('includeContent') ? { content: content.toString() } : {}),
      ...(call.query.flag('includeContentMetadata') ? { contentMetadata: contentMetadata(entry.path, content) } : {}),
      _links: hrefs({
        self: item.url,
        repository: call.links.repository(found.repository),
        [entry.type]: `${call.links.repository(found.repository)}/${entry.type}s/${entry.objectId}`,
      }),
    },
  }
}

// without a word for JSON the service sends the file itself
function formatOf(accept: string): string {
  if (accept.includes('zip')) return 'zip'
  if (accept.includes('octet-stream')) return 'octetstream'
  if (accept.includes('text/plain') || accept.includes('text/html')) return 'text'
  return accept.includes('json') ? 'json' : 'octetstream'
}

async function getItems(world: World, call: Call, path: string | undefined): Promise<Answer> {
  const repository = repositoryOf(world, call)
  const commit = await resolveVersion(repository, readVersion(call.query, 'versionDescriptor.'))
  const found = { repository, commit, links: call.links }
  const level = call.query.text('recursionLevel')
  const recursion = level === undefined ? undefined : parseEnum(recursionLevels, level, recursionNumbers)
  const wanted = path ?? call.query.text('path')
  const listed = recursion !== undefined && recursion !== 'none'
  if (wanted !== undefined && !listed) return oneItem(call, found, wanted)
  const scope = wanted ?? call.query.text('scopePath') ?? '/'
  if (formatOf(call.accept) === 'zip' || call.query.text('format')?.toLowerCase() === 'zip')
    return oneItem(call, found, scope)
  const items = await itemsAt(found, scope, recursion ?? 'none')
  const metadata = call.query.flag('includeContentMetadata')
  return list(
    items.map(entry => ({
      ...renderItem(entry, found),
      ...(metadata ? { contentMetadata: contentMetadata(entry.path, undefined) } : {}),
    })),
  )
}

const batchBody = z.object({
  itemDescriptors: z
    .array(
      z.object({
        path: z.string(),
        version: z.string().nullish(),
        versionType: looseEnum(versionTypes).optional(),
        versionOptions: looseEnum(versionOptions).optional(),
        recursionLevel: looseEnum(recursionLevels, recursionNumbers).default('none'),
      }),
    )
    .min(1, 'Invalid argument value.'),
})

async function getItemsBatch(world: World, call: Call): Promise<Answer> {
  const repository = repositoryOf(world, call)
  const { itemDescriptors } = readBody(call, batchBody, 'requestData')
  const lists = []
  for (const { path, version, versionType, versionOptions: options, recursionLevel } of itemDescriptors) {
    const commit = await resolveVersion(repository, { version: version ?? undefined, type: versionType, options })
    const found = { repository, commit, links: call.links }
    lists.push((await itemsAt(found, path, recursionLevel)).map(entry => renderItem(entry, found)))
  }
  return list(lists)
}

export function itemHandlers(world: World): Pick<Handlers<typeof repositoryEndpoints>, Names> {
  return {
    getItems: call => getItems(world, call, undefined),
    getItemsByPath: call => getItems(world, call, call.params.path),
    getItemsBatch: call => getItemsBatch(world, call),
  }
}
