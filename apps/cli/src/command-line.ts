import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { applyPatchLines } from './apply-patch.ts'
import { defaultComment, demo } from './demo.ts'
import { dev } from './dev.ts'
import { migrateDatabase } from './migrate.ts'
import { relay } from './relay-process.ts'

const usage = `Code Agent

  npm run demo [-- options]       a pull request, a comment, and what becomes of it, on this machine
  npm run dev [-- options]        the fleet and both emulators stay up for a client of yours
  npm run migrate                 bring the database of DATABASE_URL up to date
  npm run relay                   take Azure DevOps' deliveries and hand them on signed
  npm run --silent apply-patch    place edits: JSON lines in, JSON lines out

Add "-- --help" to a command for its options.`

const helps: Record<string, string> = {
  demo: `npm run demo -- [--once] [--json] [--repo DIR] [--comment TEXT] [--llm-script FILE] [--model]

  --once             end when the run has ended, instead of staying up for browsing
  --json             one line of JSON on stdout with what became of it
  --repo DIR         a git repository to work on; it is cloned, never written
  --comment TEXT     the comment to post (default: ${defaultComment})
  --llm-script FILE  scripted answers of the emulated model
  --model            use a real model (MODEL_API_KEY); this costs money

Exit code 0 when the run is done, 2 for another outcome.`,
  dev: `npm run dev -- [--json] [--repos DIR] [--llm-script FILE] [--model]

  --json             what is where, on one line of JSON
  --repos DIR        bare repositories DIR/<project>/<repository>.git to begin with; cloned, never written
  --llm-script FILE  scripted answers of the emulated model
  --model            use a real model (MODEL_API_KEY); this costs money`,
  migrate: 'npm run migrate: brings the database of DATABASE_URL up to date; safe to run from several places at once.',
  relay: 'npm run relay: takes basic-auth deliveries on PORT and hands them, signed, to RELAY_TARGET.',
  'apply-patch':
    'npm run --silent apply-patch: reads {id, files, diff} a line, answers {id, files} or {id, error} a line.',
}

const commands: Record<string, (args: string[]) => Promise<number>> = {
  async demo(args) {
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
  async dev(args) {
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
  migrate: () => migrateDatabase(),
  relay: () => relay(),
  async 'apply-patch'() {
    await applyPatchLines(createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY }), line =>
      process.stdout.write(`${line}\n`),
    )
    return 0
  },
}

/** Runs one command. Returns the process's exit code: 1 for a command that could not be carried out. */
export async function command([name = 'help', ...args]: string[]): Promise<number> {
  const run = commands[name]
  if (!run) {
    process.stderr.write(
      name === 'help' || name === '--help' ? `${usage}\n` : `There is no command “${name}”.\n\n${usage}\n`,
    )
    return name === 'help' || name === '--help' ? 0 : 1
  }
  if (args.includes('--help') || args.includes('-h')) {
    process.stderr.write(`${helps[name] ?? usage}\n`)
    return 0
  }
  try {
    return await run(args)
  } catch (error) {
    const isUsage = error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')
    process.stderr.write(
      `${name}: ${error instanceof Error ? error.message : String(error)}\n${isUsage ? `\n${helps[name] ?? ''}\n` : ''}`,
    )
    return 1
  }
}
