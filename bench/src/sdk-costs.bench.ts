// What clients cost whoever installs them: bytes in a bundle, time to import, memory to type-check.
import { buildSync } from 'esbuild'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { sdks } from './sdks.ts'

const rounds = 9
// Beside this package, so that its dependencies are found.
const folder = mkdtempSync(join(import.meta.dirname, '..', '.sdk-costs-'))
const letterlock = join(import.meta.dirname, '..', '..', 'packages', 'sdk')

try {
  const { status, stdout } = spawnSync('pnpm', ['run', 'build'], { cwd: letterlock, encoding: 'utf8' })
  if (status !== 0) throw new Error(stdout)
  const empty = { name: 'empty', program: 'export {}\n' }
  // Ours as it is published: the built file, not the sources that the workspace links to.
  const programs = [empty, ...sdks].map(({ name, program }) => ({ name, program: program.replace("'letterlock'", JSON.stringify(join(letterlock, 'dist', 'index.js'))) }))
  const imports = programs.map(() => [] as number[])
  for (let round = 0; round <= rounds; round++) {
    for (const [index, { name, program }] of programs.entries()) {
      const ms = importMs(name, program)
      if (round > 0) imports[index]?.push(ms) // the first warms the disk
    }
  }
  const [emptyMs = NaN, ...importsMs] = imports.map(median)
  const [emptyKb = NaN, ...checkedKb] = programs.map(({ name, program }) => checkedMemoryKb(name, program))
  console.log(`import of an empty file ${emptyMs.toFixed(1)} ms, its type check ${(emptyKb / 1_024).toFixed(0)} MB\n`)
  console.log('| | minified | and gzipped | import | type check |')
  for (const [index, { name, program }] of programs.slice(1).entries()) {
    const { minified, gzipped } = bundleOf(program)
    const importedMs = (importsMs[index] ?? NaN) - emptyMs
    const memory = (checkedKb[index] ?? NaN) / emptyKb
    console.log(`| ${name} | ${minified.toLocaleString('en')} B | ${gzipped.toLocaleString('en')} B | +${importedMs.toFixed(1)} ms | × ${memory.toFixed(2)} |`)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function bundleOf(program: string): { minified: number; gzipped: number } {
  const { outputFiles } = buildSync({
    stdin: { contents: program, resolveDir: folder }, bundle: true, minify: true, write: false, format: 'esm', platform: 'browser', target: 'es2022',
    conditions: ['node'], external: ['node:*'], logLevel: 'error', // the build for servers, where there are two
  })
  const contents = outputFiles[0]?.contents ?? new Uint8Array()
  return { minified: contents.byteLength, gzipped: gzipSync(contents, { level: 9 }).byteLength }
}

function importMs(name: string, program: string): number {
  const file = join(folder, `${fileName(name)}.mjs`)
  writeFileSync(file, program)
  const startedAt = performance.now()
  const { status, stderr } = spawnSync(process.execPath, [file], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${name}: ${stderr}`)
  return performance.now() - startedAt
}

/** What the compiler says it used, in kilobytes; the median of three. */
function checkedMemoryKb(name: string, program: string): number {
  const base = fileName(name)
  writeFileSync(join(folder, `${base}.ts`), program)
  const compilerOptions = { target: 'es2022', lib: ['es2022', 'dom', 'dom.iterable'], module: 'nodenext', strict: true, skipLibCheck: true, noEmit: true, types: [] }
  writeFileSync(join(folder, `${base}.json`), JSON.stringify({ compilerOptions, files: [`${base}.ts`] }))
  const compiler = join(createRequire(import.meta.url).resolve('typescript/package.json'), '..', 'bin', 'tsc')
  return median([1, 2, 3].map(() => {
    const { stdout } = spawnSync(process.execPath, ['--expose-gc', compiler, '-p', join(folder, `${base}.json`), '--extendedDiagnostics'], { encoding: 'utf8' })
    const used = /Memory used:\s+(\d+)K/.exec(stdout)?.[1]
    if (/error TS/.test(stdout) || used === undefined) throw new Error(`${name}: ${stdout}`)
    return Number(used)
  }))
}

function fileName(name: string): string {
  return name.replaceAll(/\W+/g, '-')
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN
}
