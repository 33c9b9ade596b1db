import { expect, test } from 'vitest'
import { checkExchange, type Exchange } from './check.ts'

const label = { id: 'l', name: 'ai', active: true }
const good: Exchange = {
  endpoint: 'createLabel',
  path: '/demo/_apis/git/repositories/r/pullRequests/1/labels',
  requestBody: '{"name":"ai"}',
  status: 200,
  contentType: 'application/json',
  body: JSON.stringify(label),
}

test('an exchange as agreed gives no finding', () => {
  expect(checkExchange(good)).toEqual([])
})

test('a missing key, a foreign key and another status are findings, in the request and in the answer', () => {
  expect(checkExchange({ ...good, requestBody: '{"title":"ai"}' })).toEqual([
    'createLabel: request lacks name',
    'createLabel: request has title, which the contract does not know',
  ])
  expect(checkExchange({ ...good, body: JSON.stringify({ ...label, active: undefined, colour: 'red' }) })).toEqual([
    'createLabel: answer lacks active',
    'createLabel: answer has colour, which the contract does not know',
  ])
  expect(checkExchange({ ...good, status: 201 })).toEqual(['createLabel: status is 201, not 200'])
})

test('a list without its envelope or with a wrong count is a finding', () => {
  const list: Exchange = { ...good, endpoint: 'getLabels', requestBody: '' }
  expect(checkExchange({ ...list, body: JSON.stringify({ value: [label], count: 1 }) })).toEqual([])
  expect(checkExchange({ ...list, body: JSON.stringify([label]) })).toEqual([
    'getLabels: answer is not in the list envelope',
  ])
  expect(checkExchange({ ...list, body: JSON.stringify({ value: [label], count: 2 }) })).toEqual([
    'getLabels: count is not the length of the list',
  ])
})

test('an error that the contract does not list is a finding', () => {
  const body = {
    $id: '1',
    innerException: null,
    message: 'm',
    typeName: 'A.B, C',
    typeKey: 'B',
    errorCode: 0,
    eventId: 0,
  }
  expect(checkExchange({ ...good, status: 400, body: JSON.stringify(body) })).toEqual([
    'error B is not in the contract',
  ])
})
