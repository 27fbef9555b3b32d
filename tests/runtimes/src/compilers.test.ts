/** Programs of integrators compile against the declarations inside of the tarballs, strictly, library files checked too. */
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { describe, expect, inject, test } from 'vitest'

const folder = inject('folder')
const compilers = ['typescript56', 'typescript59', 'typescript', 'typescript7']
const module = { bundler: 'esnext', node16: 'node16', nodenext: 'nodenext' }
type Resolution = keyof typeof module

const inBrowserTypes = { lib: ['es2022', 'dom', 'dom.iterable'], types: [] }
const inNodeTypes = { lib: ['es2022'], types: ['node'] }

describe.each(compilers)('%s', (compiler) => {
  test.each(['bundler', 'node16', 'nodenext'] as const)('compiles a program that calls our APIs, moduleResolution %s', async (resolution) => {
    expect(await problemsOf(compiler, 'clients.ts', { resolution, ...inBrowserTypes })).toEqual([])
  })

  test('compiles a service that protects its API', async () => {
    const problems = await problemsOf(compiler, 'service.ts', { resolution: 'nodenext', ...inNodeTypes })
    // Hono's own declarations want TypeScript 5.7.
    expect(problems.filter((problem) => compiler !== 'typescript56' || !problem.startsWith('node_modules/hono/'))).toEqual([])
  })
})

test.each(compilers.slice(1))('%s compiles CommonJS that requires our packages', async (compiler) => {
  expect(await problemsOf(compiler, 'legacy.cts', { resolution: 'nodenext', ...inNodeTypes })).toEqual([])
})

test('a program that is wrong does not compile', async () => {
  await writeFile(join(folder, 'consumers', 'wrong.ts'), "import { Letterlock } from 'letterlock'\nnew Letterlock().lists.create({ nam: 'Readers' })\n")
  const problems = await problemsOf('typescript7', 'wrong.ts', { resolution: 'nodenext', ...inBrowserTypes })
  expect(problems).toEqual([expect.stringMatching(/^consumers\/wrong\.ts\(2,33\): error TS2561: .* 'nam' does not exist/)])
})

interface Setting {
  readonly resolution: Resolution
  readonly lib: readonly string[]
  readonly types: readonly string[]
}

async function problemsOf(compiler: string, program: string, { resolution, ...libraries }: Setting): Promise<string[]> {
  const config = join(folder, `tsconfig.${compiler}.${program}.${resolution}.json`)
  const compilerOptions = {
    strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, noEmit: true, target: 'es2022',
    module: module[resolution], moduleResolution: resolution, ...libraries,
  }
  await writeFile(config, JSON.stringify({ files: [`consumers/${program}`], compilerOptions }))
  const output = await new Promise<string>((resolve, reject) => {
    execFile(process.execPath, [tscOf(compiler), '-p', config, '--pretty', 'false'], { cwd: folder }, (error, stdout) => {
      if (error && typeof error.code !== 'number') reject(error)
      else if (error && stdout === '') reject(new Error(`${compiler} ended with ${error.code} and said nothing`))
      else resolve(stdout)
    })
  })
  return output.split('\n').filter((line) => line !== '')
}

function tscOf(compiler: string): string {
  return join(dirname(createRequire(import.meta.url).resolve(`${compiler}/package.json`)), 'bin', 'tsc')
}
