import { expect, test } from 'vitest'
import { organisationName } from './organisation.ts'

test.each([
  ['https://dev.azure.com/Contoso', 'contoso'],
  ['https://dev.azure.com/contoso/', 'contoso'],
  ['https://contoso.visualstudio.com', 'contoso'],
  ['https://contoso.visualstudio.com/DefaultCollection', 'contoso'],
  ['https://tfs.example.com:8443/tfs/DefaultCollection', 'tfs.example.com:8443/tfs/defaultcollection'],
])('%s is called %s', (url, name) => {
  expect(organisationName(url)).toBe(name)
})
