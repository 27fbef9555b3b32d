/** Where a command speaks. Answers go to `out`, everything about the work to `tell`: a pipe gets answers only. */
export type Terminal = {
  readonly out: (text: string) => void
  readonly tell: (text: string) => void
  /** Colours for `out`; without a terminal they change nothing. */
  readonly style: Style
  /** Shows what is going on, over what it showed before, a few times a second. Silent without a terminal. */
  readonly progress: (describe: () => string) => void
  /** Columns of `out`; undefined without a terminal. */
  readonly columns: number | undefined
  /** All of the standard input, at most 1 MiB of it; undefined when it is a terminal. */
  readonly readInput: () => Promise<string | undefined>
}

export type Style = Readonly<Record<keyof typeof codes, (text: string) => string>>

const codes = { bold: [1, 22], dim: [2, 22], red: [31, 39], green: [32, 39], yellow: [33, 39] } as const

export function createStyle(coloured: boolean): Style {
  const paint = ([on, off]: readonly [number, number]) => (text: string) => coloured ? `\x1b[${on}m${text}\x1b[${off}m` : text
  return { bold: paint(codes.bold), dim: paint(codes.dim), red: paint(codes.red), green: paint(codes.green), yellow: paint(codes.yellow) }
}

/** Names of files are chosen by others: characters that steer a terminal are shown by their numbers. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`)
}
