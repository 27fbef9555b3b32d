/** Prints what parsing costs beside one SHA-256 of the same token: node bench/parse.ts */
import * as crypto from 'node:crypto'
import { letterlockKeys } from '../src/index.ts'

const tokens = Array.from({ length: 1024 }, () => letterlockKeys.issue({ mode: 'live' }).token)
const broken = tokens.map((token) => token.slice(0, -1) + (token.endsWith('0') ? '1' : '0'))
const foreign = tokens.map((token) => `x${token.slice(1)}`)
const logLine = `${'{"level":30,"msg":"request completed","url":"/v1/contacts"}'.repeat(16)}\n`

var floor = nanosecondsPer('crypto.hash(sha256, token)', (index) => crypto.hash('sha256', tokenAt(tokens, index)))
nanosecondsPer('parse, a key', (index) => letterlockKeys.parse(tokenAt(tokens, index)))
nanosecondsPer('parse, wrong checksum', (index) => letterlockKeys.parse(tokenAt(broken, index)))
nanosecondsPer('parse, another prefix', (index) => letterlockKeys.parse(tokenAt(foreign, index)))
nanosecondsPer('redact, a key', (index) => letterlockKeys.redact(tokenAt(tokens, index)))
nanosecondsPer('redactKeys, 1 kB without a key', () => letterlockKeys.redactKeys(logLine))
nanosecondsPer('issue', () => letterlockKeys.issue({ mode: 'live' }), 100_000)

function tokenAt(list: readonly string[], index: number): string {
  return list[index & 1023] as string // 1024 entries
}

/** The median of nine rounds after a warm-up. */
function nanosecondsPer(name: string, run: (index: number) => unknown, iterations = 500_000): number {
  const rounds: number[] = []
  let kept: unknown
  for (let round = 0; round < 11; round++) {
    const start = process.hrtime.bigint()
    for (let index = 0; index < iterations; index++) kept = run(index)
    rounds.push(Number(process.hrtime.bigint() - start) / iterations)
  }
  const median = rounds.slice(2).sort((a, b) => a - b)[4] as number // nine rounds
  const ratio = floor === undefined ? '' : `  ${(median / floor).toFixed(2)} × sha256`
  console.log(`${name.padEnd(32)} ${median.toFixed(0).padStart(6)} ns${ratio}${kept === undefined ? '' : ''}`)
  return median
}
