import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { applyPatchLines } from './apply-patch.ts'
import type { Command } from './command.ts'
import { defaultComment, demo } from './demo.ts'
import { dev } from './dev.ts'
import { migrateDatabase } from './migrate.ts'
import { relay } from './relay-process.ts'

export const demoCommand: Command = {
  help: `npm run demo -- [--once] [--json] [--repo DIR] [--comment TEXT] [--llm-script FILE] [--model]

  --once             end when the run has ended, instead of staying up for browsing
  --json             one line of JSON on stdout with what became of it
  --repo DIR         a git repository to work on; it is cloned, never written
  --comment TEXT     the comment to post (default: ${defaultComment})
  --llm-script FILE  scripted answers of the emulated model
  --model            use a real model (MODEL_API_KEY); this costs money

Exit code 0 when the run is done, 2 for another outcome.`,
  async run(args) {
    const { values } = parseArgs({
      args,
      options: {
        once: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        repo: { type: 'string' },
        comment: { type: 'string' },
        'llm-script': { type: 'string' },
        model: { type: 'boolean', default: false },
      },
    })
    const { 'llm-script': llmScript, ...rest } = values
    return demo({ ...rest, ...(llmScript === undefined ? {} : { llmScript }) })
  },
}

export const devCommand: Command = {
  help: `npm run dev -- [--json] [--repos DIR] [--llm-script FILE] [--model]

  --json             what is where, on one line of JSON
  --repos DIR        bare repositories DIR/<project>/<repository>.git to begin with; cloned, never written
  --llm-script FILE  scripted answers of the emulated model
  --model            use a real model (MODEL_API_KEY); this costs money`,
  async run(args) {
    const { values } = parseArgs({
      args,
      options: {
        json: { type: 'boolean', default: false },
        repos: { type: 'string' },
        'llm-script': { type: 'string' },
        model: { type: 'boolean', default: false },
      },
    })
    const { 'llm-script': llmScript, ...rest } = values
    return dev({ ...rest, ...(llmScript === undefined ? {} : { llmScript }) })
  },
}

export const migrateCommand: Command = {
  help: `npm run migrate [-- --json]: brings the database of DATABASE_URL up to date; safe to run from several places at once.

  --json   {"migrated":[names]} on one line`,
  async run(args) {
    const { values } = parseArgs({ args, options: { json: { type: 'boolean', default: false } } })
    return await migrateDatabase(values)
  },
}

export const relayCommand: Command = {
  help: 'npm run relay: takes basic-auth deliveries on PORT and hands them, signed, to RELAY_TARGET.',
  async run(args) {
    parseArgs({ args, options: {} })
    return await relay()
  },
}

export const applyPatchCommand: Command = {
  help: 'npm run --silent apply-patch: reads {id, files, diff} a line, answers {id, files} or {id, error} a line.',
  async run(args) {
    parseArgs({ args, options: {} })
    await applyPatchLines(createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY }), line =>
      process.stdout.write(`${line}\n`),
    )
    return 0
  },
}
