import { expect, test } from 'vitest'
import { scriptedAzureDevOps } from './test-scripted.ts'

const repository = { projectId: 'p', repositoryId: 'r' }
const descriptor = 'Microsoft.IdentityModel.Claims.ClaimsIdentity;t\\alice@x'
const identity = { value: [{ id: 'ALICE', descriptor, isActive: true }] }
const acl = (extendedInfo: unknown) => ({
  value: [{ acesDictionary: { [descriptor.toUpperCase()]: { extendedInfo } } }],
})

test.each([
  ['granted', identity, acl({ effectiveAllow: 6, inheritedAllow: 4 }), true, /grants "Contribute"/],
  ['granted but denied', identity, acl({ effectiveAllow: 4, effectiveDeny: 4 }), false, /denied/],
  ['only reading', identity, acl({ effectiveAllow: 2 }), false, /no right "Contribute".*Project settings/],
  ['nothing said', identity, acl({}), false, /no right "Contribute"/],
  ['no list at all', identity, { value: [] }, false, /no right "Contribute"/],
  ['somebody unknown', { value: [null] }, acl({ effectiveAllow: 4 }), false, /does not know who/],
  ['somebody else', { value: [{ id: 'bob', descriptor }] }, acl({ effectiveAllow: 4 }), false, /does not know who/],
  [
    'an account that was closed',
    { value: [{ id: 'alice', descriptor, isActive: false }] },
    acl({ effectiveAllow: 4 }),
    false,
    /not active/,
  ],
  [
    'a lookup that is not permitted',
    { status: 403, json: { message: 'no' } },
    acl({}),
    false,
    /may not look up rights/,
  ],
])('with %s the answer is as it should be', async (_, identities, lists, allowed, because) => {
  const { ado } = await scriptedAzureDevOps({ identities$: identities, 'accesscontrollists/': lists })
  expect(await ado.mayContribute({ ...repository, identityId: 'alice' })).toEqual({
    allowed,
    because: expect.stringMatching(because),
  })
})

test('a failing lookup of rights is no answer at all: it is tried again', async () => {
  const { ado } = await scriptedAzureDevOps({ identities$: { status: 500, json: {} } })
  await expect(ado.mayContribute({ ...repository, identityId: 'alice' })).rejects.toThrow(/could not answer just now/)
})
