import { expect, test } from 'vitest'
import { routeTemplate } from './route-template.ts'

test('of a path the words of the API are told, and neither names nor ids', () => {
  const id = '6ce954b1-ce1f-45d1-b94d-e6bf2464ba2c'
  expect(routeTemplate(`/contoso/Secret%20Project/_apis/git/repositories/${id}/pullRequests/7/threads/3`)).toBe(
    '_apis/git/repositories/{}/pullRequests/{}/threads/{}',
  )
  expect(routeTemplate(`/_apis/accesscontrollists/${id}`)).toBe('_apis/accesscontrollists/{}')
  expect(routeTemplate('/contoso/_git/shop')).toBe('{}')
})
