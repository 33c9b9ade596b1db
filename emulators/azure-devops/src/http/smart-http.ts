import { spawn } from 'node:child_process'
import { gunzipSync } from 'node:zlib'
import { isAncestor } from '../git/commits.ts'
import { listRefs, noObject } from '../git/refs.ts'
import { isPullRequestOnly } from '../policy/guard.ts'
import { noteRefChanges, type RefChange } from '../pull-request/ref-changes.ts'
import { may } from '../rest/access.ts'
import type { Identity } from '../state/identity.ts'
import type { Repository } from '../state/repository.ts'
import type { World } from '../state/world.ts'
import type { Arrival } from './arrival.ts'
import { reaches } from './authentication.ts'
import { pktLine, readCommands, refusal } from './pkt-line.ts'
import { type Reply, textReply } from './reply.ts'
import { decode } from './router.ts'

type Service = 'git-upload-pack' | 'git-receive-pack'

interface Run {
  repository: Repository
  service: Service
  /** of the Git-Protocol header */
  protocol: string
  input: Buffer
  flags?: string[]
  /** `-c` before the command */
  settings?: string[]
}

function runService({ repository, service, protocol, input, flags = [], settings = [] }: Run): Promise<Buffer> {
  const command = ['git', ...settings, service.slice('git-'.length), '--stateless-rpc', ...flags, repository.git.dir]
  // through env(1), which passes our own environment on; git takes the protocol version from there only
  const version = /^[\w=:.]*$/.test(protocol) ? [`GIT_PROTOCOL=${protocol}`] : []
  return new Promise((resolve, reject) => {
    const child = spawn('env', [...version, ...command], { stdio: ['pipe', 'pipe', 'pipe'] })
    const out: Buffer[] = []
    const err: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
    child.on('error', cause => reject(new Error('git could not be started', { cause })))
    child.on('close', code => {
      // git reports most of its errors to the client inside the protocol
      if (code === 0 || out.length > 0) resolve(Buffer.concat(out))
      else reject(new Error(`${service} ended with ${code}: ${Buffer.concat(err).toString().slice(0, 500)}`))
    })
    child.stdin.on('error', () => undefined)
    child.stdin.end(input)
  })
}

/** Why this person may not move this ref, in the words that git shows after "remote rejected". */
async function objection(
  world: World,
  repository: Repository,
  change: RefChange,
  by: Identity,
): Promise<string | undefined> {
  const { name, oldObjectId, newObjectId } = change
  const need = (permission: string) =>
    `TF401027: You need the Git '${permission}' permission to perform this action. Details: identity '${by.displayName}', scope 'repository'.`
  const owner = repository.refCreators.get(name) === by
  const lockedBy = repository.locks.get(name)
  const exists = oldObjectId !== noObject
  if ((lockedBy && lockedBy !== by) || (await isPullRequestOnly(world, repository, { ref: name, exists, by }))) {
    return 'TF402455: Pushes to this branch are not permitted; you must use a pull request to update this branch.'
  }
  if (oldObjectId === noObject) {
    const tag = name.startsWith('refs/tags/')
    return may(world, by, tag ? 'CreateTag' : 'CreateBranch', repository)
      ? undefined
      : need(tag ? 'CreateTag' : 'CreateBranch')
  }
  if (owner || may(world, by, 'ForcePush', repository)) return undefined
  if (newObjectId === noObject) return need('ForcePush')
  // what is being pushed is not here yet, so a rewrite shows only afterwards: git itself is told to refuse it
  const known = await repository.git.read(newObjectId)
  return known && !(await isAncestor(repository.git, oldObjectId, newObjectId)) ? need('ForcePush') : undefined
}

async function receive(
  world: World,
  repository: Repository,
  by: Identity,
  protocol: string,
  input: Buffer,
): Promise<Buffer> {
  const { commands, sideBand } = readCommands(input)
  return repository.git.exclusive(async () => {
    const objections = await Promise.all(commands.map(change => objection(world, repository, change, by)))
    if (objections.some(Boolean)) {
      const lines = commands.map(
        (change, index) => `ng ${change.name} ${objections[index] ?? 'the whole push was refused'}\n`,
      )
      return refusal(lines, sideBand)
    }
    const mayForce =
      may(world, by, 'ForcePush', repository) || commands.every(one => repository.refCreators.get(one.name) === by)
    const before = new Map((await listRefs(repository.git)).map(ref => [ref.name, ref.objectId]))
    const output = await runService({
      repository,
      service: 'git-receive-pack',
      protocol,
      input,
      settings: ['-c', `receive.denyNonFastForwards=${!mayForce}`],
    })
    const after = new Map((await listRefs(repository.git)).map(ref => [ref.name, ref.objectId]))
    const changes = commands
      .map(({ name }) => ({
        name,
        oldObjectId: before.get(name) ?? noObject,
        newObjectId: after.get(name) ?? noObject,
      }))
      .filter(change => change.oldObjectId !== change.newObjectId)
    if (changes.length > 0) await noteRefChanges(world, repository, { by, changes })
    return output
  })
}

function serviceOf(arrival: Arrival, path: string): Service | undefined {
  const name = path === 'info/refs' ? arrival.search.get('service') : path
  return name === 'git-upload-pack' || name === 'git-receive-pack' ? name : undefined
}

function repositoryAt(world: World, arrival: Arrival, name: string): Repository | undefined {
  const project = world.findProject(arrival.scope[0] ?? name)
  return project && world.findRepository(project, name)
}

const challenge = { 'www-authenticate': 'Basic realm="https://tfs.app.visualstudio.com/"' }

/** git's own protocol below `_git/{repository}`, with the same tokens and rights; undefined for anything else there. */
export async function smartHttp(world: World, arrival: Arrival, body: Buffer): Promise<Reply | undefined> {
  const [name = '', ...rest] = arrival.rest.split('/').map(decode)
  const path = rest.join('/')
  const service = serviceOf(arrival, path)
  if (!service) return undefined
  const { token } = arrival
  const scope = service === 'git-receive-pack' ? 'vso.code_write' : 'vso.code'
  if (!token || !reaches(token, scope)) return textReply(401, 'Authentication failed.\n', challenge)
  const repository = repositoryAt(world, arrival, name)
  if (!repository || repository.isDisabled || !may(world, token.identity, 'GenericRead', repository)) {
    const message = `TF401019: The Git repository with name or identifier ${name} does not exist or you do not have permissions for the operation you are attempting.`
    return textReply(404, message)
  }
  if (service === 'git-receive-pack' && !may(world, token.identity, 'GenericContribute', repository)) {
    const message = `TF401027: You need the Git 'GenericContribute' permission to perform this action. Details: identity '${token.identity.displayName}', scope 'repository'.`
    return textReply(403, message)
  }
  const protocol = String(arrival.headers['git-protocol'] ?? '')
  const headers = { 'cache-control': 'no-cache' }
  if (path === 'info/refs') {
    const advertised = await runService({
      repository,
      service,
      protocol,
      input: Buffer.alloc(0),
      flags: ['--advertise-refs'],
    })
    const intro = Buffer.concat([pktLine(`# service=${service}\n`), Buffer.from('0000')])
    return {
      status: 200,
      headers: { ...headers, 'content-type': `application/x-${service}-advertisement` },
      body: Buffer.concat([intro, advertised]),
    }
  }
  const input = arrival.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body
  const output =
    service === 'git-receive-pack'
      ? await receive(world, repository, token.identity, protocol, input)
      : await runService({ repository, service, protocol, input })
  return { status: 200, headers: { ...headers, 'content-type': `application/x-${service}-result` }, body: output }
}
