/** The published vectors on every runtime the keys package is meant for. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkDigests } from './check-digests.mjs'
import { checkVectors, publishedVectors } from './check-vectors.mjs'
import { installPackedKeys } from './packed-keys.ts'
import type { Installation } from './packed-keys.ts'
import { runtimePrograms } from './runtimes.ts'

const keyModes = 3
const vectorCount = Object.values(publishedVectors).reduce((sum, { vectors }) => sum + vectors.length, keyModes)
const allVectors = { checked: vectorCount, failures: [] }
const allDigests = { checked: checkDigests().checked, failures: [] }

let installation: Installation

beforeAll(async () => {
  installation = await installPackedKeys()
})

afterAll(() => installation.remove())

type Check = { name: string; expected: object; start: (program: string) => Promise<string> }

const checks: Check[] = [
  ...['Node 20', 'Node 22', 'Node 24', 'Node 26', 'Bun', 'Deno'].map((name) => ({
    name,
    expected: { vectors: allVectors, digests: allDigests },
    start: (program: string) => run(program, [...argumentsOf(name), join(installation.folder, 'run-in-terminal.mjs')]),
  })),
  { name: 'workerd', expected: { vectors: allVectors }, start: startWorker },
  { name: 'Chromium', expected: { vectors: allVectors }, start: startPage },
]

/** Where the runtime is absent the test is skipped by its name; in CI its absence is a failure. */
describe('the packed keys package passes its vectors', () => {
  for (const { name, expected, start } of checks) {
    const program = runtimePrograms[name]
    test.skipIf(program === undefined && process.env.CI !== 'true')(`on ${name}`, async () => {
      if (program === undefined) throw new Error(`${name} is not installed`)
      expect(resultIn(await start(program))).toEqual(expected)
    })
  }
})

test.each([20, 22, 24, 26])('Node %i is of the version it is named after', async (major) => {
  const program = runtimePrograms[`Node ${major}`]
  const version = program ? await run(program, ['--version']) : `v${major}.`
  expect(version).toMatch(new RegExp(`^v${major}\\.`))
})

test('the main door goes into a browser bundle without anything from outside', async () => {
  expect(await bundle('run-in-browser.mjs', 'browser.js')).not.toMatch(/\brequire\(|\bfrom\s*["']|node:/)
})

test('the package ships its vectors and one file per door', () => {
  const shipped = ['dist/index.js', 'dist/index.d.ts', 'dist/digest.js', 'dist/digest.d.ts', 'vectors/find.json']
  const folder = join(installation.folder, 'node_modules/@letterlock/keys')
  expect(shipped.filter((path) => !existsSync(join(folder, path)))).toEqual([])
})

test('checkVectors() fails when a vector is wrong', () => {
  const wrong = structuredClone(publishedVectors)
  for (const { vectors } of [wrong.valid, wrong.invalid, wrong.redact, wrong.redactText, wrong.find]) {
    Object.assign(vectors[0] ?? {}, { code: 'wrong', redacted: 'wrong', keyId: 'wrong', keys: ['wrong'] })
  }
  expect(checkVectors(wrong).failures).toHaveLength(5)
})

async function startWorker(program: string): Promise<string> {
  await bundle('run-in-worker.mjs', 'worker.js')
  await writeFile(join(installation.folder, 'worker.capnp'), workerConfig)
  return run(program, ['test', join(installation.folder, 'worker.capnp')])
}

async function startPage(program: string): Promise<string> {
  const page = join(installation.folder, 'page.html')
  const script = await bundle('run-in-browser.mjs', 'page.js')
  await writeFile(page, `<!doctype html><meta charset="utf-8"><body><script type="module">${script}</script>`)
  const dom = await run(program, ['--headless', '--no-sandbox', '--disable-gpu', '--dump-dom', `file://${page}`])
  return /<pre>(.*)<\/pre>/s.exec(dom)?.[1] ?? dom
}

function argumentsOf(runtime: string): string[] {
  return runtime === 'Deno' ? ['run', '--no-lock', '--node-modules-dir=manual', '--allow-read', '--allow-env'] : []
}

/** What the program wrote to both streams (workerd logs to the second). */
async function run(program: string, args: string[]): Promise<string> {
  const env = { PATH: process.env.PATH, HOME: installation.folder, DENO_NO_UPDATE_CHECK: '1', NO_COLOR: '1' }
  const { stdout, stderr } = await promisify(execFile)(program, args, { cwd: installation.folder, env, timeout: 100_000 })
  return stdout + stderr
}

async function bundle(source: string, target: string): Promise<string> {
  const result = await build({
    absWorkingDir: installation.folder,
    entryPoints: [source],
    outfile: target,
    bundle: true,
    format: 'esm',
    platform: 'browser',
  })
  expect(result.errors).toEqual([])
  return readFile(join(installation.folder, target), 'utf8')
}


function resultIn(output: string): unknown {
  const line = output.split('\n').find((line) => line.includes('{"vectors"'))
  if (line === undefined) throw new Error(`no result in: ${output}`)
  return JSON.parse(line.slice(line.indexOf('{"vectors"')))
}

const workerConfig = `
using Workerd = import "/workerd/workerd.capnp";
const unitTests :Workerd.Config = (services = [ (name = "main", worker = .worker) ]);
const worker :Workerd.Worker = (modules = [ (name = "worker.js", esModule = embed "worker.js") ], compatibilityDate = "2026-11-01");
`
