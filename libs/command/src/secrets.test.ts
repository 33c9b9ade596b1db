import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { findSecrets, looksSecretPath } from './secrets.ts'

test.each([
  '.env',
  '.env.production',
  'deploy/prod.env',
  'certs/server.pem',
  'certs/Server.PFX',
  'tls.key',
  'id_rsa',
  'home/.ssh/config',
  'id_ed25519',
  'team.kdbx',
  'terraform.tfstate',
  'infra/prod.tfvars',
  '.npmrc',
  'web/.netrc',
  'secrets.yaml',
  'k8s/secret.json',
  'local.settings.json',
  '.aws/credentials',
])('%s looks as if it held secrets', path => {
  expect(looksSecretPath(path)).toBe(true)
})

test.each([
  '.env.example',
  '.env.sample',
  'example.env',
  'src/environment.ts',
  'src/secrets.ts',
  'src/key.ts',
  'id_rsa.pub',
  'docs/secrets.md',
  'keys/public.asc',
  'src/token.ts',
  'package.json',
  'monkey.ts',
  'src/credentials.ts',
])('%s does not', path => {
  expect(looksSecretPath(path)).toBe(false)
})

// Put together here, so that no scanner of this repository finds what looks like a secret.
const mixed = (length: number) => 'aB3dE5fG7hJ9kL2mN4pQ6rS8tU1vW'.repeat(10).slice(0, length)
const old = 'abcdefghijklmnopqrstuvwxyz234567abcdefghijklmnopqrstuvwxyz234567'.slice(0, 52)

test.each([
  ['a private key', `-----BEGIN RSA ${'PRIVATE'} KEY-----\n${mixed(64)}\n`],
  ['a private key', `{"key":"-----BEGIN ${'PRIVATE'} KEY-----\\n${mixed(64)}\\n"}`],
  ['an Azure DevOps personal access token', `x = "${mixed(76)}AZDO${mixed(4)}"`],
  ['an Azure DevOps personal access token', `AZURE_DEVOPS_PAT=${old}`],
  ['an Azure DevOps personal access token', `token: "${old}"`],
  ['a client secret of Entra ID', `secret = "aB38Q~${mixed(34)}"`],
  [
    'the key of a storage account or service',
    `DefaultEndpointsProtocol=https;AccountName=x;AccountKey=${mixed(86)}==;EndpointSuffix=core.windows.net`,
  ],
  ['the key of a storage account or service', `Endpoint=sb://x/;SharedAccessKeyName=k;SharedAccessKey=${mixed(43)}=`],
  ['an access signature of Azure', `https://x.blob.core.windows.net/c?sv=2024-01-01&se=2030&sig=${mixed(43)}%3D`],
  ['an Anthropic key', `sk-ant-${'api03'}-${mixed(95)}`],
  ['an OpenAI key', `OPENAI=sk-proj-${mixed(60)}`],
  ['an OpenAI key', `sk-${mixed(48)}`],
  ['a GitHub token', `ghp_${mixed(36)}`],
  ['an npm token', `//registry/:_authToken=npm_${mixed(36)}`],
  ['a Slack token', `xoxb-${'1234567890'}-${mixed(24)}`],
  ['a secret key of AWS', `aws_secret_access_key = ${mixed(40)}`],
  ['a signed token (JWT)', `Bearer eyJ${mixed(30)}.eyJ${mixed(60)}.${mixed(43)}`],
  ['a connection string with a password', 'Server=tcp:prod.database.windows.net;User ID=sa;Password=h7!Kq0Zr2;'],
  ['a connection string with a password', '"Password=h7!Kq0Zr2;Server=prod-sql-01;Initial Catalog=shop"'],
  ['a URL with a password', 'DATABASE=postgres://shop:h7Kq0Zr2@db.prod.internal:5432/shop'],
  ['a URL with a password', 'https://user:h7Kq0Zr2@dev.azure.com/contoso'],
])('%s is found', (kind, text) => {
  expect(findSecrets(`first line\n${text}\nlast`)).toContainEqual({ kind, line: 2 })
  expect(JSON.stringify(findSecrets(text))).not.toContain(mixed(20))
})

test.each([
  'const token = await getToken()',
  'Password=<your password>;Server=x',
  'Server=prod;User ID=sa;Password=$' + '{DB_PASSWORD};',
  'Server=prod;User ID=sa;Password={{ db.password }};',
  'Server=localhost;User ID=sa;Password=h7!Kq0Zr2;',
  'postgres://postgres:postgres@localhost:5432/test',
  'postgres://app:h7Kq0Zr2@127.0.0.1/test',
  'redis://:password@redis:6379',
  'http://user:password@db.prod.internal/',
  `AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==`,
  '-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA\n',
  "if (text.includes('-----BEGIN PRIVATE KEY-----')) throw new Error('no keys here, please, in any of these files')",
  `"integrity": "sha512-${mixed(86)}=="`,
  `commit ${'0123456789abcdef'.repeat(4)}`,
  'abcdefghijklmnopqrstuvwxyz'.repeat(2),
  `token list: ${'abcdefghijklmnopqrstuvwxyz'.repeat(2)}`,
  'sk-test-key',
  'the-task-antagonist-sk-learn',
  'https://example.com/a:b@c',
  'git@github.com:owner/name.git',
  'https://npmjs.com/package/@scope/name',
])('no secret is seen in %s', text => {
  expect(findSecrets(text)).toEqual([])
})

test('the sources of this project are not taken for secrets', () => {
  const folder = join(import.meta.dirname, '..', '..')
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    path => path.endsWith('.ts') && !path.endsWith('.test.ts') && !path.includes('node_modules'),
  )
  const suspected = files.filter(path => findSecrets(readFileSync(join(folder, path), 'utf8')).length > 0)
  expect(files.length).toBeGreaterThan(50)
  expect(suspected).toEqual([])
})

test('any text is searched without an error, and a long one soon', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), text => Array.isArray(findSecrets(text))))
  const lines = [
    'token token token ',
    'Server=a;',
    'eyJaaaaaaaaaaaa.',
    'sk-',
    'https://a:',
    '-----BEGIN PRIVATE KEY-----',
  ]
  for (const line of lines) {
    const begun = performance.now()
    findSecrets(line.repeat(1_000_000 / line.length))
    expect(performance.now() - begun, line).toBeLessThan(3_000)
  }
})
