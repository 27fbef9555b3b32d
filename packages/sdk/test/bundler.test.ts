/** The plugins against the real bundlers. Keys are made here: none is ever written into the repository. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineKeyFormat, letterlockKeys } from '@letterlock/keys'
import { build as esbuild } from 'esbuild'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { build as vite } from 'vite'
import { keyGuard, keyGuardForEsbuild } from '../src/bundler/index.ts'

const apiKey: string = letterlockKeys.issue({ mode: 'live' }).token
const clean = "console.log('ll_live_ is a prefix')"
const leaky = `const half = 'Bearer ' + '${apiKey.slice(0, 20)}' + '${apiKey.slice(20)}'\nconsole.log(half)`

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'letterlock-bundle-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
})

const written = () => (existsSync(join(folder, 'dist')) ? readdirSync(join(folder, 'dist'), { recursive: true, withFileTypes: true }).filter((each) => each.isFile()).map((each) => each.name) : [])

async function failure(work: Promise<unknown>): Promise<string> {
  return work.then(() => 'it was built', (error: unknown) => (error as Error).message)
}

describe('keyGuardForEsbuild()', () => {
  const run = (source: string, more: { prefix?: string; sourcemap?: boolean | 'inline'; write?: boolean } = {}) => esbuild({
    stdin: { contents: source, resolveDir: folder }, absWorkingDir: folder, bundle: true, minify: true, outfile: 'dist/app.js', logLevel: 'silent',
    sourcemap: more.sourcemap ?? false, write: more.write ?? true, plugins: [keyGuardForEsbuild({ prefix: more.prefix })],
  })

  test('lets a build without a key pass', async () => {
    expect((await run(clean)).errors).toEqual([])
    expect(written()).toEqual(['app.js'])
  })

  test('fails one with a key that was put together from halves, names the file, and leaves it nowhere', async () => {
    const message = await failure(run(leaky))
    expect(message).toContain(`dist/app.js contains the API key ${letterlockKeys.redact(apiKey)}`)
    expect(message).not.toContain(apiKey.slice(40, 60))
    expect(written()).toEqual([])
  })

  test('sees a key that only the source map holds, and one that is held in memory', async () => {
    expect(await failure(run(`console.log(1)\n// ${apiKey}`, { sourcemap: true }))).toContain('app.js.map contains')
    expect(await failure(run(`console.log(1)\n// ${apiKey}`, { sourcemap: 'inline' }))).toContain('app.js contains')
    expect(await failure(run(leaky, { write: false }))).toContain('app.js contains')
  })

  test('sees keys of your own prefix, and the value of LETTERLOCK_API_KEY whatever its shape', async () => {
    const acme: string = defineKeyFormat({ prefix: 'acme' }).issue({ mode: 'test' }).token
    expect(await failure(run(`console.log('${acme}')`))).toBe('it was built')
    expect(await failure(run(`console.log('${acme}')`, { prefix: 'acme' }))).toContain('contains the API key acme_test_')
    process.env.LETTERLOCK_API_KEY = 'a_key_of_no_known_shape'
    onTestFinished(() => void delete process.env.LETTERLOCK_API_KEY)
    const message = await failure(run("console.log('a_key_of_no_known_shape')"))
    expect(message).toContain('contains the value of LETTERLOCK_API_KEY')
    expect(message).not.toContain('a_key_of')
  })
})

describe('keyGuard() in Vite', () => {
  const run = (source: string, more: { asset?: string; sourcemap?: boolean | 'inline' } = {}) => {
    writeFileSync(join(folder, 'app.js'), source)
    const emitting = { name: 'emits', generateBundle(this: { emitFile(file: object): void }) {
      if (more.asset) this.emitFile({ type: 'asset', fileName: 'notes.txt', source: new TextEncoder().encode(more.asset) })
    } }
    return vite({
      root: folder, logLevel: 'silent', configFile: false, plugins: [keyGuard(), emitting],
      build: { outDir: 'dist', sourcemap: more.sourcemap ?? false, rollupOptions: { input: join(folder, 'app.js') } },
    })
  }

  test('lets a build without a key pass', async () => {
    await run(clean, { asset: 'nothing' })
    expect(written().sort()).toEqual([expect.stringMatching(/^app-.*\.js$/), 'notes.txt'])
  })

  test('fails one with a key in a chunk, an asset or a source map, before anything is written', async () => {
    expect(await failure(run(leaky))).toContain(`contains the API key ${letterlockKeys.redact(apiKey)}`)
    expect(await failure(run(clean, { asset: `key: ${apiKey}` }))).toContain('notes.txt contains')
    expect(await failure(run(`console.log(1)\n// ${apiKey}`, { sourcemap: true }))).toContain('.map contains')
    expect(await failure(run(`console.log(1)\n// ${apiKey}`, { sourcemap: 'inline' }))).toContain('.js contains')
    expect(written()).toEqual([])
  })
})

test('the plugins are in a door of their own: the client knows nothing of files and bundlers', () => {
  expect(readFileSync(new URL('../dist/index.js', import.meta.url), 'utf8')).not.toContain('key-guard')
})
