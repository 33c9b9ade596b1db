import type { RefChange } from '../pull-request/ref-changes.ts'

const flush = Buffer.from('0000')

export function pktLine(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content)
  return Buffer.concat([Buffer.from((bytes.length + 4).toString(16).padStart(4, '0')), bytes])
}

/** The ref commands at the head of a push, before its pack. */
export function readCommands(input: Buffer): { commands: RefChange[]; sideBand: boolean } {
  const commands: RefChange[] = []
  let sideBand = false
  for (let at = 0; at + 4 <= input.length; ) {
    const length = Number.parseInt(input.toString('latin1', at, at + 4), 16)
    if (!(length > 4)) break
    const line = input.toString('utf8', at + 4, at + length)
    const [command = '', capabilities = ''] = line.split('\0')
    if (capabilities.includes('side-band-64k')) sideBand = true
    const match = /^([0-9a-f]{40}) ([0-9a-f]{40}) (.+?)\n?$/.exec(command)
    if (match) commands.push({ oldObjectId: match[1] ?? '', newObjectId: match[2] ?? '', name: match[3] ?? '' })
    at += length
  }
  return { commands, sideBand }
}

/** The report that nothing was taken and why. */
export function refusal(lines: readonly string[], sideBand: boolean): Buffer {
  const report = Buffer.concat([pktLine('unpack ok\n'), ...lines.map(pktLine), flush])
  return sideBand ? Buffer.concat([pktLine(Buffer.concat([Buffer.from([1]), report])), flush]) : report
}
