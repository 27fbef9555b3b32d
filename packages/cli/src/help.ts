import type { Command, Option } from './command.ts'

/** What there is. */
export function helpOfAll(commands: readonly Command[]): string {
  const rows = commands.map(({ name, operands, summary }) => [`${name} ${operands}`.trim(), summary] as const)
  return ['Usage: letterlock <command> [options]', '', ...aligned(rows), '', 'letterlock <command> --help tells more. Every command takes --json.'].join('\n')
}

/** How one command is called. */
export function helpOf({ name, operands, summary, options }: Command): string {
  const rows = Object.entries(options).map(([option, facts]) => [`--${option}${placeholderOf(facts)}`, facts.summary] as const)
  const usage = ['letterlock', name, operands, rows.length > 0 ? '[options]' : ''].filter(Boolean).join(' ')
  return [`Usage: ${usage}`, '', summary, '', ...aligned(rows)].join('\n').trimEnd()
}

function placeholderOf({ choices, placeholder }: Option): string {
  if (choices !== undefined) return ` ${choices.join('|')}`
  return placeholder === undefined ? '' : ` ${placeholder}`
}

function aligned(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(0, ...rows.map(([first]) => first.length))
  return rows.map(([first, second]) => `  ${first.padEnd(width)}  ${second}`)
}
