import type { Command, ExitCode, Surroundings } from './command.ts'
import { commands } from './commands.ts'
import { helpOf, helpOfAll } from './help.ts'
import { letterlockKeys } from '@letterlock/keys'
import { GitError } from './scan/git/run-git.ts'
import { UsageError } from './usage-error.ts'
import { version } from './version.ts'

/** Runs the command that the arguments name. Whatever goes wrong is told without a key in it. */
export async function runCli(args: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const { terminal } = surroundings
  try {
    return await dispatch(args, surroundings)
  } catch (error) {
    terminal.tell(letterlockKeys.redactKeys(`letterlock: ${messageOf(error)}`))
    return 2
  }
}

async function dispatch(args: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const { terminal } = surroundings
  const command = findCommand(args)
  if (command !== undefined) {
    const rest = args.slice(command.name.split(' ').length)
    if (!isHelp(rest)) return command.run(rest, surroundings)
    terminal.out(helpOf(command))
    return 0
  }
  if (args[0] === '--version') {
    terminal.out(version)
    return 0
  }
  if (args.length === 0 || isHelp(args)) {
    terminal.out(helpOfAll(commands))
    return 0
  }
  throw new UsageError(`There is no command ${JSON.stringify(args.slice(0, 2).join(' '))}. letterlock --help lists them.`)
}

/** `scan rules` is not `scan` of a folder of that name: the longer name is tried first. */
function findCommand(args: readonly string[]): Command | undefined {
  const named = (words: number) => commands.find(({ name }) => name === args.slice(0, words).join(' '))
  return named(2) ?? named(1)
}

function isHelp(args: readonly string[]): boolean {
  const end = args.indexOf('--')
  return args.slice(0, end === -1 ? undefined : end).some((arg) => arg === '--help' || arg === '-h')
}

function messageOf(error: unknown): string {
  if (error instanceof UsageError || error instanceof GitError) return error.message
  return error instanceof Error && 'code' in error ? error.message : String(error instanceof Error ? error.stack : error)
}
