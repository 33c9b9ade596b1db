import { expect, test } from 'vitest'
import { RedisUrl, redisAddress, redisPasswords } from './redis-address.ts'

test('one server stays the URL it is', () => {
  expect(redisAddress('rediss://:pw@redis.internal:6380/2')).toEqual({ url: 'rediss://:pw@redis.internal:6380/2' })
})

test('Sentinels are named with ports or without, for a primary with or without a password', () => {
  expect(redisAddress('redis+sentinel://one:26380,two,[::1]:26381/mymaster')).toEqual({
    sentinels: [
      { host: 'one', port: 26_380 },
      { host: 'two', port: 26_379 },
      { host: '::1', port: 26_381 },
    ],
    name: 'mymaster',
  })
  expect(redisAddress('redis+sentinel://:p%40ss@one:1/main/3?sentinelPassword=s%2Fp')).toEqual({
    sentinels: [{ host: 'one', port: 1 }],
    name: 'main',
    password: 'p@ss',
    db: 3,
    sentinelPassword: 's/p',
  })
})

test('rediss+sentinel speaks TLS with Sentinels and servers', () => {
  expect(redisAddress('rediss+sentinel://app:pw@one/main')).toMatchObject({
    username: 'app',
    tls: {},
    sentinelTLS: {},
    enableTLSForSentinelMode: true,
  })
})

test.for([
  ['http://one', /begins with redis:\/\//],
  ['redis://one:99999', /redis:\/\/\[user:password@\]host/],
  ['redis+sentinel://one:26379', /name is that of the primary/],
  ['redis+sentinel://one,,two/main', /"" is no Sentinel/],
  ['redis+sentinel://one:0/main', /"one:0" is no Sentinel/],
  ['redis+sentinel://one:26379/main?password=x', /only sentinelUsername and sentinelPassword/],
  ['redis+sentinel://:100%@one/main', /written %25/],
] as const)('%s is refused saying what would be right', ([url, says]) => {
  expect(RedisUrl.safeParse(url).error?.issues[0]?.message).toMatch(says)
  expect(() => redisAddress(url)).toThrow(says)
})

test('passwords are found, as written and as meant', () => {
  expect(redisPasswords('redis+sentinel://:p%40ss@one/main?sentinelPassword=s%2Fp')).toEqual(
    expect.arrayContaining(['p%40ss', 'p@ss', 's%2Fp', 's/p']),
  )
  expect(redisPasswords('redis://:pw@one')).toEqual([])
})
