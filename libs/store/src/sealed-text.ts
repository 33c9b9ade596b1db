import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'

const mark = 'sealed:v1:'

export type Seal = {
  /** @param kind what the text is; a sealed text opens only as the same kind */
  seal(kind: string, text: string): string
  /** Text that was never sealed comes back as it is. @throws when its key is not here, or it was changed */
  open(kind: string, text: string): string
  /** Whether a text is sealed by the first key. */
  isCurrent(text: string): boolean
}

/**
 * AES-256-GCM under the first of the keys; all of them open. Each key is 32 bytes in base64 or hex.
 * @returns undefined without a key: then nothing is sealed
 */
export function openSeal(keys: readonly string[]): Seal | undefined {
  const ring = new Map(keys.map(key => bytesOf(key)).map(key => [idOf(key), key]))
  const [current] = ring
  if (current === undefined) return undefined
  const [currentId, currentKey] = current
  return {
    isCurrent: text => text.startsWith(`${mark}${currentId}:`),
    seal(kind, text) {
      const iv = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', currentKey, iv).setAAD(Buffer.from(kind))
      const sealed = Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
      return `${mark}${currentId}:${sealed.toString('base64')}`
    },
    open(kind, text) {
      if (!isSealed(text)) return text
      const [id = '', base64 = ''] = text.slice(mark.length).split(':')
      const key = ring.get(id)
      if (key === undefined) throw new Error(`the data key ${id} is not configured`)
      const bytes = Buffer.from(base64, 'base64')
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12)).setAAD(Buffer.from(kind))
      decipher.setAuthTag(bytes.subarray(-16))
      return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]).toString('utf8')
    },
  }
}

export function isSealed(text: string): boolean {
  return text.startsWith(mark)
}

function bytesOf(key: string): Buffer {
  const bytes = Buffer.from(key, /^[0-9a-f]{64}$/i.test(key) ? 'hex' : 'base64')
  if (bytes.length !== 32) throw new Error('a data key must be 32 bytes in base64 or hex')
  return bytes
}

/** Names a key without telling anything of it. */
function idOf(key: Buffer): string {
  return createHash('sha256').update('code-agent data key').update(key).digest('hex').slice(0, 8)
}
