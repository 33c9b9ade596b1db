/** A process of its own for the tests of the cache: reads a.txt at every commit at once, as often as told, and prints the contents. */
import { openRepositoryCache } from './repository-cache.ts'

const { dir, cloneUrl, commits, stay, rounds = 1, maxBytes, credential } = JSON.parse(process.argv[2] ?? '{}')
const cache = openRepositoryCache({ dir, ...(maxBytes === undefined ? {} : { maxBytes }) })

async function read(commit: string): Promise<string> {
  const snapshot = await cache.at({ cloneUrl, commit, credential })
  const file = await snapshot.read('a.txt')
  // Where nothing may stay, each reader that leaves lets the others' repositories go, too.
  if (maxBytes !== undefined) await snapshot.release()
  return file.kind === 'text' ? file.content : file.kind
}

const contents: string[] = []
for (let round = 0; round < rounds; round++) contents.push(...(await Promise.all(commits.map(read))))
process.stdout.write(JSON.stringify(contents))
if (stay) setInterval(() => undefined, 1000)
