import { clock, environment } from '../config.ts'
import { createStyle } from './terminal.ts'
import type { Terminal } from './terminal.ts'

const progressEveryMs = 100
const clearLine = '\r\x1b[K'
const maxInputBytes = 1024 * 1024

/** The terminal, files or pipes this process was started with. */
export function processTerminal(): Terminal {
  const { stdin, stdout, stderr } = process
  const { NO_COLOR, TERM } = environment()
  let shownAt = 0

  function progress(describe: () => string): void {
    if (!stderr.isTTY || clock() - shownAt < progressEveryMs) return
    shownAt = clock()
    stderr.write(`${clearLine}${describe().slice(0, stderr.columns - 1)}`)
  }

  function lineWriter(stream: NodeJS.WriteStream) {
    return (text: string) => {
      if (shownAt > 0) stderr.write(clearLine)
      shownAt = 0
      stream.write(`${text}\n`)
    }
  }

  return {
    out: lineWriter(stdout),
    tell: lineWriter(stderr),
    style: createStyle(stdout.isTTY && !NO_COLOR && TERM !== 'dumb'),
    progress,
    columns: stdout.isTTY ? stdout.columns : undefined,
    readInput: async () => (stdin.isTTY ? undefined : await readAll(stdin)),
  }
}

async function readAll(input: AsyncIterable<Buffer | string>): Promise<string> {
  const blocks: Buffer[] = []
  let length = 0
  for await (const block of input) {
    blocks.push(Buffer.from(block))
    length += block.length
    if (length > maxInputBytes) break
  }
  return Buffer.concat(blocks).subarray(0, maxInputBytes).toString('utf8')
}
