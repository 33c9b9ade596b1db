import { type Command, WrongUsage } from './command.ts'
import { doctorCommand } from './doctor/doctor-command.ts'
import { hooksCommand } from './hooks/hooks-commands.ts'
import { applyPatchCommand, demoCommand, devCommand, migrateCommand, relayCommand } from './local-commands.ts'
import { rotateKeysCommand } from './rotate-keys-command.ts'
import { forgetCommand } from './runs/forget-command.ts'
import { pauseCommand, resumeCommand } from './runs/pause-commands.ts'
import { runsCommand } from './runs/run-commands.ts'

const usage = `Code Agent

  npm run demo [-- options]       a pull request, a comment, and what becomes of it, on this machine
  npm run dev [-- options]        the fleet and both emulators stay up for a client of yours
  npm run migrate                 bring the database of DATABASE_URL up to date
  npm run relay                   take Azure DevOps' deliveries and hand them on signed
  npm run --silent apply-patch    place edits: JSON lines in, JSON lines out

For those on call:

  npm run doctor                  is this installation well? each check with its remedy
  npm run hooks -- …              service hooks: install, status, test, remove
  npm run runs -- …               list, show, retry, cancel
  npm run pause, npm run resume   hold new work back, let it go
  npm run forget -- …             take out what people wrote
  npm run rotate-keys             seal what is stored by a new DATA_KEY

Add "-- --help" to a command for its options.`

const commands: Record<string, Command> = {
  demo: demoCommand,
  dev: devCommand,
  migrate: migrateCommand,
  relay: relayCommand,
  'apply-patch': applyPatchCommand,
  doctor: doctorCommand,
  hooks: hooksCommand,
  runs: runsCommand,
  pause: pauseCommand,
  resume: resumeCommand,
  forget: forgetCommand,
  'rotate-keys': rotateKeysCommand,
}

/** Runs one command. Returns the process's exit code: 1 for a command that could not be carried out. */
export async function command([name = 'help', ...args]: string[]): Promise<number> {
  const found = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (!found) {
    const isHelp = ['help', '--help', '-h'].includes(name)
    process.stderr.write(isHelp ? `${usage}\n` : `There is no command “${name}”.\n\n${usage}\n`)
    return isHelp ? 0 : 1
  }
  if (args.includes('--help') || args.includes('-h')) {
    process.stderr.write(`${found.help}\n`)
    return 0
  }
  try {
    return await found.run(args)
  } catch (error) {
    process.stderr.write(`${name}: ${sentenceOf(error)}\n${isUsage(error) ? `\n${found.help}\n` : ''}`)
    return 1
  }
}

function isUsage(error: unknown): boolean {
  if (error instanceof WrongUsage) return true
  return error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')
}

/** Errors of several addresses tried at once have no message of their own. */
function sentenceOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(sentenceOf).join('; ')
  return error instanceof Error ? error.message : String(error)
}
