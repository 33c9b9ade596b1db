import { expect, test } from 'vitest'
import { checkAddress } from './check-address.ts'

test.each([
  ['https://dev.azure.com/contoso', 'ok', 'organisation contoso'],
  ['https://dev.azure.com/Contoso/', 'ok', 'organisation contoso'],
  ['https://contoso.visualstudio.com', 'ok', 'former address'],
  ['https://contoso.visualstudio.com/DefaultCollection', 'ok', 'former address'],
  ['https://tfs.contoso.com/tfs/DefaultCollection', 'ok', 'collection DefaultCollection'],
  ['https://tfs.contoso.com:8443/Main', 'ok', 'tfs.contoso.com:8443/main'],
  ['http://127.0.0.1:4711/demo', 'ok', 'emulator'],
  ['http://tfs.contoso.com/tfs/DefaultCollection', 'warn', 'readable on the way'],
  ['https://dev.azure.com', 'fail', 'no organisation'],
  ['https://dev.azure.com/contoso/shop', 'fail', 'goes on'],
  ['https://dev.azure.com/contoso/shop/_git/app', 'fail', 'repository'],
  ['https://contoso.visualstudio.com/shop', 'fail', 'goes on'],
  ['https://tfs.contoso.com', 'fail', 'collection'],
  ['https://me:secret@dev.azure.com/contoso', 'fail', 'password'],
  ['dev.azure.com/contoso', 'fail', 'no web address'],
])('%s is %s', (url, state, words) => {
  const check = checkAddress(url)
  expect(check).toMatchObject({ state, message: expect.stringContaining(words) })
  expect(check.remedy === null).toBe(state === 'ok')
  expect(check.message).not.toContain('secret')
})

test('no address is a failed check that says so', () => {
  expect(checkAddress(undefined)).toMatchObject({ state: 'fail', message: 'not checked: AZURE_DEVOPS_URL is not set' })
})
