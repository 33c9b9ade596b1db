import type { BareRepository } from './bare-repository.ts'

export type Blob = { bytes: Buffer } | { tooLarge: number }

/** Larger files are not read: no edit of ours touches them, and sixteen runs share the memory. */
const maxFileBytes = 4 * 1024 * 1024
const batchBytes = 32 * 1024 * 1024

/** Contents by object id, missing ones fetched in one go. Throws when an id is no blob of the repository. */
export async function readBlobs(repository: BareRepository, ids: Iterable<string>): Promise<Map<string, Blob>> {
  const wanted = [...new Set(ids)]
  const blobs = new Map<string, Blob>()
  if (wanted.length === 0) return blobs
  await repository.ensureBlobs(wanted)
  const sizes = await blobSizes(repository, wanted)
  for (const [id, size] of sizes) if (size > maxFileBytes) blobs.set(id, { tooLarge: size })
  for (const batch of batches(sizes)) {
    const { stdout } = await repository.git({ args: ['cat-file', '--batch'], input: `${batch.join('\n')}\n` })
    let at = 0
    for (const id of batch) {
      const start = stdout.indexOf(0x0a, at) + 1
      const size = sizes.get(id) ?? 0
      // A copy: a slice would keep the whole batch alive.
      blobs.set(id, { bytes: Buffer.from(stdout.subarray(start, start + size)) })
      at = start + size + 1
    }
  }
  return blobs
}

async function blobSizes(repository: BareRepository, ids: string[]): Promise<Map<string, number>> {
  const args = ['cat-file', '--batch-check=%(objectname) %(objecttype) %(objectsize)']
  const { stdout } = await repository.git({ args, input: `${ids.join('\n')}\n` })
  const sizes = new Map<string, number>()
  for (const line of stdout.toString().trimEnd().split('\n')) {
    const [id = '', type, size] = line.split(' ')
    if (type !== 'blob') throw new Error(`expected a blob, git says: ${line}`)
    sizes.set(id, Number(size))
  }
  return sizes
}

function* batches(sizes: Map<string, number>): Generator<string[]> {
  let batch: string[] = []
  let bytes = 0
  for (const [id, size] of sizes) {
    if (size > maxFileBytes) continue
    if (batch.length > 0 && bytes + size > batchBytes) {
      yield batch
      batch = []
      bytes = 0
    }
    batch.push(id)
    bytes += size
  }
  if (batch.length > 0) yield batch
}
