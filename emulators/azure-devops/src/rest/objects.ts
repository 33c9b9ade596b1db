import { z } from 'zod'
import type { repositoryEndpoints } from '../contract/repository-endpoints.ts'
import { listTree, type TreeEntry } from '../git/trees.ts'
import { type Answer, type Call, type Handlers, param, readBody } from '../http/call.ts'
import { ServiceError } from '../http/service-error.ts'
import { zip } from '../http/zip.ts'
import type { Repository } from '../state/repository.ts'
import type { World } from '../state/world.ts'
import { repositoryOf } from './access.ts'
import { hrefs } from './links.ts'

type Names = 'getTree' | 'getBlob' | 'getBlobsZip'

const sha = /^[0-9a-f]{40}$/i

async function objectOf(repository: Repository, id: string, type: 'tree' | 'blob') {
  const object = sha.test(id) ? await repository.git.read(type === 'tree' ? `${id}^{tree}` : id) : undefined
  if (object?.type !== type) throw new ServiceError('objectNotFound', id)
  return object
}

function objectUrl(
  call: Call,
  repository: Repository,
  { type, objectId }: Pick<TreeEntry, 'type' | 'objectId'>,
): string {
  return `${call.links.repository(repository)}/${type === 'tree' ? 'trees' : 'blobs'}/${objectId}`
}

async function getTree(world: World, call: Call): Promise<Answer> {
  const repository = repositoryOf(world, call)
  const tree = await objectOf(repository, param(call, 'sha1'), 'tree')
  const entries = await listTree(repository.git, tree.id, { recursive: call.query.flag('recursive'), sizes: true })
  if (call.accept.includes('zip') || call.query.text('format') === 'zip') {
    const files = await Promise.all(
      entries.map(async ({ path, objectId, type }) => {
        const content = type === 'blob' ? await repository.git.read(objectId) : undefined
        return content ? [{ path, content: content.content }] : []
      }),
    )
    return { bytes: zip(files.flat()), contentType: 'application/zip' }
  }
  const treeEntries = entries.map(entry => ({
    objectId: entry.objectId,
    relativePath: entry.path,
    mode: entry.mode.replace(/^0/, ''),
    gitObjectType: entry.type,
    url: objectUrl(call, repository, entry),
    size: entry.size ?? 0,
  }))
  const url = objectUrl(call, repository, { type: 'tree', objectId: tree.id })
  return {
    json: {
      objectId: tree.id,
      url,
      treeEntries,
      size: tree.content.length,
      _links: {
        ...hrefs({ self: url, repository: call.links.repository(repository) }),
        treeEntries: treeEntries.map(entry => ({ href: entry.url })),
      },
    },
  }
}

async function getBlob(world: World, call: Call): Promise<Answer> {
  const repository = repositoryOf(world, call)
  const blob = await objectOf(repository, param(call, 'sha1'), 'blob')
  const format = call.query.text('format')?.toLowerCase()
  const accept = format ?? call.accept
  const fileName = call.query.text('fileName') ?? blob.id
  if (accept.includes('zip')) {
    return { bytes: zip([{ path: fileName, content: blob.content }]), contentType: 'application/zip' }
  }
  if (accept.includes('text')) return { bytes: blob.content, contentType: 'text/plain; charset=utf-8' }
  if (accept.includes('json')) {
    const url = objectUrl(call, repository, { type: 'blob', objectId: blob.id })
    const links = hrefs({ self: url, repository: call.links.repository(repository) })
    return { json: { objectId: blob.id, size: blob.content.length, url, _links: links } }
  }
  return { bytes: blob.content, contentType: 'application/octet-stream' }
}

async function getBlobsZip(world: World, call: Call): Promise<Answer> {
  const repository = repositoryOf(world, call)
  const ids = readBody(call, z.array(z.string()), 'blobIds')
  const blobs = await Promise.all(ids.map(id => objectOf(repository, id, 'blob')))
  return { bytes: zip(blobs.map(blob => ({ path: blob.id, content: blob.content }))), contentType: 'application/zip' }
}

export function objectHandlers(world: World): Pick<Handlers<typeof repositoryEndpoints>, Names> {
  return {
    getTree: call => getTree(world, call),
    getBlob: call => getBlob(world, call),
    getBlobsZip: call => getBlobsZip(world, call),
  }
}
