import { sql } from 'kysely'
import type { Database } from './database.ts'
import { type JsonValue, jsonb, storable } from './json.ts'

/** Who the bot is in an organisation, as worker-ado learnt it; the gateway tells its own comments by this. */
export type BotIdentity = { organisation: string; id: string; displayName: string }

export type Settings = {
  saveIdentity(of: BotIdentity): Promise<void>
  /** Whether somebody is the bot itself. */
  isOwnIdentity(of: { organisation: string; identityId: string }): Promise<boolean>
  identity(organisation: string): Promise<BotIdentity | undefined>
  /** Small facts that outlive a process, such as how far poll-comments has read. */
  setting(name: string): Promise<JsonValue | undefined>
  saveSetting(name: string, value: JsonValue): Promise<void>
}

export function settingsPart(db: Database): Settings {
  return {
    saveIdentity: async of => {
      await sql`INSERT INTO identities (organisation, identity_id, display_name)
        VALUES (${of.organisation}, ${of.id}, ${storable(of.displayName)})
        ON CONFLICT (organisation) DO UPDATE SET identity_id = excluded.identity_id, display_name = excluded.display_name,
          seen_at = now()`.execute(db)
    },
    isOwnIdentity: async of => {
      const { rows } = await sql`SELECT FROM identities
        WHERE organisation = ${of.organisation} AND identity_id = ${of.identityId}`.execute(db)
      return rows.length > 0
    },
    identity: async organisation => {
      const row = await db
        .selectFrom('identities')
        .selectAll()
        .where('organisation', '=', organisation)
        .executeTakeFirst()
      return row && { organisation, id: row.identity_id, displayName: row.display_name }
    },
    setting: async name => {
      const row = await db.selectFrom('settings').select('value').where('name', '=', name).executeTakeFirst()
      return row?.value
    },
    saveSetting: async (name, value) => {
      await sql`INSERT INTO settings (name, value) VALUES (${name}, ${jsonb(value)})
        ON CONFLICT (name) DO UPDATE SET value = excluded.value, changed_at = now()`.execute(db)
    },
  }
}
