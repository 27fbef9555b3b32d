/** 1 000 keys in 200 MB: whether all are found, and how fast beside reading the same files and beside grep: node bench/scan.ts */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { plantCorpus } from '../test/planted-corpus.ts'

const rounds = 5
const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const parent = mkdtempSync(join(tmpdir(), 'letterlock-scan-bench-'))
process.once('SIGINT', () => process.exit(130))
process.once('exit', () => rmSync(parent, { recursive: true, force: true }))

// Packed files and history take less room than what is planted in them.
const { folder, planted, plantedInFiles } = plantCorpus(join(parent, 'corpus'), { keys: 1000, megabytes: 360 })
const areas = readdirSync(folder).filter((name) => name.startsWith('area-'))
const files = areas.flatMap((area) => readdirSync(join(folder, area), { recursive: true, encoding: 'utf8' }).map((name) => join(folder, area, name)))
const megabytes = files.reduce((sum, file) => sum + (statSync(file).isFile() ? statSync(file).size : 0), 0) / 1e6

/** In a process of its own, its start included. */
function timed(program: string, args: readonly string[]): { seconds: number; stdout: string } {
  const start = performance.now()
  const { stdout, error } = spawnSync(program, args, { cwd: folder, encoding: 'utf8', maxBuffer: 2 ** 28 })
  if (error !== undefined) throw error
  return { seconds: (performance.now() - start) / 1000, stdout }
}

const readAll = `const fs = require('node:fs'), path = require('node:path')
for (const area of process.argv.slice(1)) for (const entry of fs.readdirSync(area, { recursive: true, withFileTypes: true }))
  if (entry.isFile()) fs.readFileSync(path.join(entry.parentPath, entry.name))`

const sides: readonly { name: string; run: () => { seconds: number } }[] = [
  { name: 'scan', run: () => timed(process.execPath, [main, 'scan', '--json', ...areas]) },
  { name: 'reading with readFileSync', run: () => timed(process.execPath, ['-e', readAll, ...areas]) },
  { name: 'grep -r (plain keys only)', run: () => timed('grep', ['-raEo', 'll_(live|test|root)_[0-9a-z]{26}[0-9A-Za-z]{38}', ...areas]) },
]

const seconds = sides.map(({ run }) => [run(), ...Array.from({ length: rounds }, run)].slice(1).map((round) => round.seconds))
for (const [index, { name }] of sides.entries()) {
  const sorted = (seconds[index] ?? []).toSorted((a, b) => a - b)
  const [fastest = NaN, middle = NaN, slowest = NaN] = [sorted[0], sorted[rounds >> 1], sorted.at(-1)]
  console.log(`${name}: ${(megabytes / middle).toFixed(0)} MB/s (${(megabytes / slowest).toFixed(0)}–${(megabytes / fastest).toFixed(0)}), ${megabytes.toFixed(0)} MB in ${files.length} files and folders`)
}

let failed = false
for (const [what, args, expected] of [['files', areas, plantedInFiles], ['files and history', ['--history'], planted]] as const) {
  const { seconds: taken, stdout } = timed(process.execPath, [main, 'scan', '--json', ...args])
  const found = new Set((JSON.parse(stdout) as { keys: { key: string }[] }).keys.map(({ key }) => key))
  const missed = expected.filter((key) => !found.has(key)).length
  const wrong = found.size - (expected.length - missed)
  console.log(`${what}: ${expected.length - missed} of ${expected.length} keys found, ${wrong} others, ${taken.toFixed(1)} s`)
  failed ||= missed > 0 || wrong > 0
}
console.log(`history: ${timed('git', ['count-objects', '-v']).stdout.trim().replaceAll('\n', ', ')}`)
process.exitCode = failed ? 1 : 0
