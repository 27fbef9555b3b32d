/** Starts a program of the bare project on a runtime, and finds the line of JSON that it leaves. */
import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { programOf } from './runtimes.ts'

export interface Place {
  /** The bare project. */
  readonly folder: string
  /** Variables that the program sees beside those of the runtime. */
  readonly environment?: Readonly<Record<string, string>>
  readonly timeoutMs?: number
}

/** What the program wrote to both streams (workerd logs to the second). */
export async function run({ folder, environment, timeoutMs = 100_000 }: Place, program: string, args: readonly string[]): Promise<string> {
  const env = { PATH: process.env.PATH, HOME: folder, DENO_NO_UPDATE_CHECK: '1', NO_COLOR: '1', ...environment }
  const { stdout, stderr } = await promisify(execFile)(program, [...args], { cwd: folder, env, timeout: timeoutMs })
  return stdout + stderr
}

/** Node, Bun and Deno start a file as it is. Our clients wait 30 s at most for an answer: a program that ends later was held by a timer. */
export function runInTerminal(place: Place, runtime: string, args: readonly string[]): Promise<string> {
  const deno = ['run', '--no-lock', '--node-modules-dir=manual', '--allow-read', '--allow-env', '--allow-net=127.0.0.1']
  return run({ ...place, timeoutMs: 25_000 }, programOf(runtime), [...(runtime === 'Deno' ? deno : []), ...args])
}

/** workerd tests a worker that was bundled with the export conditions of its bundler. */
export async function runInWorker(place: Place, source: string): Promise<string> {
  await bundle(place, source, { target: 'worker.js', conditions: ['workerd', 'worker'] })
  const bindings = Object.entries(place.environment ?? {}).map(([name, text]) => `(name = ${JSON.stringify(name)}, text = ${JSON.stringify(text)})`)
  await writeFile(join(place.folder, 'worker.capnp'), workerConfig(bindings.join(', ')))
  return run(place, programOf('workerd'), ['test', join(place.folder, 'worker.capnp')])
}

/** Chromium opens a page with the bundle in it. */
export async function runInBrowser(place: Place, source: string): Promise<string> {
  const page = join(place.folder, 'page.html')
  const script = await bundle(place, source, { target: 'page.js', conditions: ['browser'] })
  await writeFile(page, `<!doctype html><meta charset="utf-8"><body><script type="module">${script.replaceAll('</script', '<\\/script')}</script>`)
  const options = ['--headless', '--no-sandbox', '--disable-gpu', '--virtual-time-budget=10000', '--dump-dom']
  const dom = await run(place, programOf('Chromium'), [...options, `file://${page}`])
  return /<pre>(.*)<\/pre>/s.exec(dom)?.[1] ?? dom
}

/** Bundles as integrators do; the text of the bundle. */
export async function bundle({ folder }: Place, source: string, { target, conditions }: { target: string; conditions: string[] }): Promise<string> {
  await build({ absWorkingDir: folder, entryPoints: [source], outfile: target, bundle: true, format: 'esm', platform: 'browser', conditions })
  return readFile(join(folder, target), 'utf8')
}

/** The member `name` of the line of JSON that begins with it. */
export function resultIn(output: string, name: string): unknown {
  const line = output.split('\n').find((line) => line.includes(`{"${name}"`))
  if (line === undefined) throw new Error(`no result in: ${output}`)
  return (JSON.parse(line.slice(line.indexOf(`{"${name}"`))) as Record<string, unknown>)[name]
}

const workerConfig = (bindings: string) => `
using Workerd = import "/workerd/workerd.capnp";
const unitTests :Workerd.Config = (services = [ (name = "main", worker = .worker), (name = "internet", network = (allow = ["private"])) ]);
const worker :Workerd.Worker = (
  modules = [ (name = "worker.js", esModule = embed "worker.js") ], compatibilityDate = "2026-11-01", bindings = [ ${bindings} ],
);
`
