/** A process of its own for the tests of the cache: reads a.txt at every commit at once and prints the contents. */
import { openRepositoryCache } from './repository-cache.ts'

const { dir, cloneUrl, commits, stay } = JSON.parse(process.argv[2] ?? '{}')
const cache = openRepositoryCache({ dir })
const contents = await Promise.all(
  commits.map(async (commit: string) => {
    const file = await (await cache.at({ cloneUrl, commit })).read('a.txt')
    return file.kind === 'text' ? file.content : file.kind
  }),
)
process.stdout.write(JSON.stringify(contents))
if (stay) setInterval(() => undefined, 1000)
