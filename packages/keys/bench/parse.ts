/** Prints what parsing costs beside one SHA-256 of the same token: node bench/parse.ts */
import * as crypto from 'node:crypto'
import { letterlockKeys } from '../src/index.ts'

const tokens = Array.from({ length: 1024 }, () => letterlockKeys.issue({ mode: 'live' }).token)
const broken = tokens.map((token) => token.slice(0, -1) + (token.endsWith('0') ? '1' : '0'))
const foreign = tokens.map((token) => `x${token.slice(1)}`)
const logLine = `${'{"level":30,"msg":"request completed","url":"/v1/contacts"}'.repeat(16)}\n`

const floor = 'crypto.hash(sha256, token)'
const candidates: Record<string, (index: number) => unknown> = {
  [floor]: (index) => crypto.hash('sha256', tokenAt(tokens, index)),
  'parse, a key': (index) => letterlockKeys.parse(tokenAt(tokens, index)),
  'parse, wrong checksum': (index) => letterlockKeys.parse(tokenAt(broken, index)),
  'parse, another prefix': (index) => letterlockKeys.parse(tokenAt(foreign, index)),
  'redact, a key': (index) => letterlockKeys.redact(tokenAt(tokens, index)),
  'redactKeys, 1 kB without a key': () => letterlockKeys.redactKeys(logLine),
  issue: () => letterlockKeys.issue({ mode: 'live' }),
}

const best = new Map(Object.keys(candidates).map((name) => [name, Number.POSITIVE_INFINITY]))
for (let round = 0; round < 12; round++) {
  for (const [name, run] of Object.entries(candidates)) {
    best.set(name, Math.min(best.get(name) ?? Number.POSITIVE_INFINITY, nanosecondsPer(run)))
  }
}
for (const [name, nanoseconds] of best) {
  const ratio = (nanoseconds / (best.get(floor) ?? Number.NaN)).toFixed(2)
  console.log(`${name.padEnd(32)} ${nanoseconds.toFixed(0).padStart(6)} ns ${ratio.padStart(6)} × sha256`)
}

function tokenAt(list: readonly string[], index: number): string {
  return list[index & 1023] as string // 1024 entries
}

/** The rounds alternate and the best one counts, so that a busy machine disturbs all of them alike. */
function nanosecondsPer(run: (index: number) => unknown, iterations = 50_000): number {
  const start = process.hrtime.bigint()
  for (let index = 0; index < iterations; index++) run(index)
  return Number(process.hrtime.bigint() - start) / iterations
}
