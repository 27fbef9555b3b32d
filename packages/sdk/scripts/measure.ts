/**
 * What the built package costs who installs it: `node scripts/measure.ts` after a build. Prints what it sees and fails
 * above the limits. Sizes of single imports are held by test/bundle.test.ts.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { buildSync } from 'esbuild'

const root = join(import.meta.dirname, '..')
const door = join(root, 'dist', 'index.js')
const runs = 15
const limits = { gzippedBytes: 12_000, importMs: 25, typeMemory: 1.3 }

const gzippedBytes = gzipSync(minified(), { level: 9 }).byteLength
const importMs = importCostMs()
const typeMemory = typeMemoryRatio()

console.log(`client, minified and gzipped  ${gzippedBytes} B (at most ${limits.gzippedBytes})`)
console.log(`import over empty node        ${importMs.toFixed(1)} ms, least of ${runs} interleaved (at most ${limits.importMs})`)
console.log(`type check over empty project × ${typeMemory.toFixed(2)} memory (at most × ${limits.typeMemory})`)
const holds = gzippedBytes <= limits.gzippedBytes && importMs <= limits.importMs && typeMemory <= limits.typeMemory
process.exitCode = holds ? 0 : 1

function minified(): Uint8Array {
  const { outputFiles } = buildSync({ entryPoints: [door], bundle: true, minify: true, write: false, format: 'esm', platform: 'neutral', target: 'es2022' })
  const [file] = outputFiles
  if (!file) throw new Error('esbuild wrote nothing')
  return file.contents
}

function importCostMs(): number {
  const program = (text: string) => ['--input-type=module', '-e', text]
  const importing = program(`import ${JSON.stringify(pathToFileURL(door).href)}`)
  const pairs = Array.from({ length: runs }, () => ({ empty: tookMs(program('')), full: tookMs(importing) }))
  // What else the machine does can only add: the least is nearest to the truth.
  return Math.min(...pairs.map((pair) => pair.full)) - Math.min(...pairs.map((pair) => pair.empty))
}

function tookMs(args: string[]): number {
  const startedAt = performance.now()
  const { status } = spawnSync(process.execPath, args)
  if (status !== 0) throw new Error('node failed')
  return performance.now() - startedAt
}

function typeMemoryRatio(): number {
  const folder = mkdtempSync(join(tmpdir(), 'letterlock-types-'))
  try {
    const program = [
      `import { Letterlock } from ${JSON.stringify(door)}`,
      `import { webhookDispatcher } from ${JSON.stringify(join(root, 'dist', 'webhooks.js'))}`,
      "export const client = new Letterlock().withScopes(['contacts:read', 'campaigns:send'])",
      "export const dispatch = webhookDispatcher({ 'email.bounced': ({ data }) => console.log(data.reason) }, () => {})",
    ]
    return checkedMemory(folder, program.join('\n')) / checkedMemory(folder, 'export {}\n')
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Kilobytes that the compiler says it used; the median of three. */
function checkedMemory(folder: string, source: string): number {
  writeFileSync(join(folder, 'program.ts'), source)
  const compilerOptions = { target: 'es2022', lib: ['es2022', 'dom'], module: 'nodenext', strict: true, skipLibCheck: true, noEmit: true, types: [] }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['program.ts'] }))
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const figures = [1, 2, 3].map(() => {
    const { stdout } = spawnSync(process.execPath, ['--expose-gc', compiler, '-p', folder, '--extendedDiagnostics'], { encoding: 'utf8' })
    const used = /Memory used:\s+(\d+)K/.exec(stdout)?.[1]
    if (/error TS/.test(stdout) || used === undefined) throw new Error(stdout)
    return Number(used)
  })
  return median(figures)
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
