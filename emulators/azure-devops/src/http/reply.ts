/** A whole answer in memory. */
export interface Reply {
  status: number
  headers: Record<string, string>
  body: Buffer
}

export function jsonReply(status: number, value: unknown, headers: Record<string, string> = {}): Reply {
  const contentType = 'application/json; charset=utf-8'
  return { status, headers: { 'content-type': contentType, ...headers }, body: Buffer.from(JSON.stringify(value)) }
}

export function textReply(status: number, text: string, headers: Record<string, string> = {}): Reply {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8', ...headers }, body: Buffer.from(text) }
}
