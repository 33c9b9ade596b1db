import { createHash } from 'node:crypto'
import type pg from 'pg'

/** Far more than there are statements here; only the filters of a list make new ones. */
const mostNames = 500

/**
 * Has the server keep the statements it is sent: parsing and planning a claim costs it more than running it
 * (docs/decisions/010). Names are a connection's own, so each prepares what it needs.
 *
 * What returns `*` is not kept: a column added by a later version's migration would change the type of its rows, and the
 * server would refuse the statement for as long as the connection lives.
 */
export function preparedStatements(): (client: pg.ClientBase) => void {
  const names = new Map<string, string>()

  function nameOf(text: string): string | undefined {
    const known = names.get(text)
    if (known !== undefined || names.size >= mostNames || !mayBeKept(text)) return known
    const name = createHash('sha1').update(text).digest('hex')
    names.set(text, name)
    return name
  }

  return client => {
    const query = client.query.bind(client)
    // What Kysely calls; pg itself gives a statement a name only if it is asked by an object.
    const keeping = (text: string, values: unknown[]) => {
      const name = nameOf(text)
      return name === undefined ? query(text, values) : query({ name, text, values })
    }
    Object.defineProperty(client, 'query', { value: keeping })
  }
}

function mayBeKept(text: string): boolean {
  return /^\s*(with|select|insert|update|delete)\b/i.test(text) && !/[\s.(]\*(?!\s*\d)/.test(text)
}
