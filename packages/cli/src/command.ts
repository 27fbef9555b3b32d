import { parseArgs } from 'node:util'
import type { Environment } from './config.ts'
import type { Terminal } from './terminal/terminal.ts'
import { UsageError } from './usage-error.ts'

/** 0: done, and nothing is wrong. 1: done, and there is something to act upon. 2: could not be done, or not wholly. */
export type ExitCode = 0 | 1 | 2

export type Option = {
  readonly type: 'boolean' | 'string'
  readonly multiple?: boolean
  /** What stands for the value in the help: `<file>`. */
  readonly placeholder?: string
  /** The only values there are. */
  readonly choices?: readonly string[]
  readonly summary: string
}

export type Options = Readonly<Record<string, Option>>

/** What the options of a call are set to. */
export type Values<O extends Options> = {
  readonly [Name in keyof O]?: O[Name] extends { readonly type: 'boolean' } ? boolean
    : O[Name] extends { readonly multiple: true } ? readonly string[] : string
}

/** What a command is called with and may look at. */
export type Surroundings = { readonly terminal: Terminal; readonly environment: Environment; readonly clock: () => number }

export type Command = {
  /** One or two words: `key inspect`. */
  readonly name: string
  /** What may follow: `[paths]`. */
  readonly operands: string
  readonly summary: string
  readonly options: Options
  readonly run: (args: readonly string[], surroundings: Surroundings) => Promise<ExitCode>
}

export type CommandDefinition<O extends Options> = Omit<Command, 'run' | 'options'> & {
  readonly options: O
  readonly maxOperands: number
  readonly run: (call: Surroundings & { readonly values: Values<O>; readonly operands: readonly string[] }) => Promise<ExitCode>
}

/** A command whose arguments are checked before it runs. */
export function defineCommand<const O extends Options>({ maxOperands, run, ...command }: CommandDefinition<O>): Command {
  return {
    ...command,
    run: async (args, surroundings) => {
      const { values, positionals } = parse(args, command.options)
      if (positionals.length > maxOperands) throw new UsageError(`${JSON.stringify(positionals[maxOperands])} is one argument too many.`)
      return run({ ...surroundings, values: values as Values<O>, operands: positionals }) // parsed by the same table
    },
  }
}

function parse(args: readonly string[], options: Options) {
  const parsed = parseStrictly(args, options)
  for (const [name, { choices }] of Object.entries(options)) {
    const value = parsed.values[name]
    if (choices !== undefined && value !== undefined && !choices.includes(String(value))) {
      throw new UsageError(`--${name} takes ${choices.join(', ')}.`)
    }
  }
  return parsed
}

function parseStrictly(args: readonly string[], options: Options) {
  try {
    const types = Object.entries(options).map(([name, { type, multiple = false }]) => [name, { type, multiple }] as const)
    return parseArgs({ args: [...args], options: Object.fromEntries(types), allowPositionals: true, strict: true })
  } catch (error) {
    if (error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')) {
      throw new UsageError(`${error.message.split('. ')[0]}.`)
    }
    throw error
  }
}
