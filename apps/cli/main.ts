import { command } from './src/command-line.ts'

process.exitCode = await command(process.argv.slice(2))
