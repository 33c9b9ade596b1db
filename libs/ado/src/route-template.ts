/** The words of the paths we ask for; whatever else stands in one is a name or an id of somebody. */
const words: ReadonlySet<string> = new Set(
  [
    '_apis accesscontrollists annotatedTags blobs comments commits connectionData consumers git hooks identities items',
    'notifications permissions policy projects publishers pullRequests pushes reviewers refs repositories statuses',
    'subscriptions threads trees iterations changes diffs properties resourceAreas location',
  ]
    .join(' ')
    .toLowerCase()
    .split(' '),
)

/**
 * A path as it is fit to be told of: from `_apis` on, with `{}` for each segment that is not a word of the API.
 * `/org/_apis/git/repositories/9f…/pullRequests/7` is `_apis/git/repositories/{}/pullRequests/{}`.
 */
export function routeTemplate(path: string): string {
  const segments = path.split('/').filter(segment => segment !== '')
  const begin = segments.findIndex(segment => segment.toLowerCase() === '_apis')
  if (begin < 0) return '{}'
  return segments
    .slice(begin)
    .map(segment => (words.has(segment.toLowerCase()) ? segment : '{}'))
    .join('/')
}
