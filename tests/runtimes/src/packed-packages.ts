/** A bare project into which npm installed what would be published: no workspace, no symbolic links. */
import { execFile } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { startRegistry } from './tarball-registry.ts'

const run = promisify(execFile)
/** What the programs of an integrator use beside our packages. */
const tools = ['@types/node', 'fastify', 'hono']

const root = fileURLToPath(new URL('../../..', import.meta.url))
const here = fileURLToPath(new URL('.', import.meta.url))
const env = { ...process.env, PATH: `${join(root, 'node_modules', '.bin')}${delimiter}${process.env.PATH}` }

interface Manifest {
  readonly name: string
  readonly version: string
  readonly private?: boolean
  readonly dependencies?: Readonly<Record<string, string>>
  readonly publishConfig?: { readonly exports?: Readonly<Record<string, unknown>> }
}

/** Every package of this repository that is published. */
export const publishedPackages = globSync('packages/*/package.json', { cwd: root })
  .map((path) => ({ folder: join(root, dirname(path)), manifest: JSON.parse(readFileSync(join(root, path), 'utf8')) as Manifest }))
  .filter(({ manifest }) => manifest.private !== true)

export interface Project {
  readonly folder: string
  readonly remove: () => Promise<void>
}

/** Packs the built packages as npm would get them, installs them, and puts the programs of the tests beside them. */
export async function createBareProject(): Promise<Project> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'letterlock-runtimes-')))
  const tarballs = join(folder, 'tarballs')
  await mkdir(tarballs)
  const installedTools = await Promise.all(tools.map((name) => findInstalled(name, here)))
  const foreign = [...installedTools, ...(await dependenciesOf([...installedTools, ...publishedPackages.map(({ folder }) => folder)]))]
  const registry = await startRegistry(await Promise.all([
    ...publishedPackages.map((item) => packOurs(item.folder, tarballs)),
    ...[...new Set(foreign)].map((path) => packInstalled(path, tarballs)),
  ]))
  const dependencies = Object.fromEntries([...publishedPackages.map(({ manifest }) => manifest.name), ...tools].map((name) => [name, '*']))
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'bare', private: true, type: 'module', dependencies }, null, 2))
  await cp(join(here, 'programs'), folder, { recursive: true })
  const options = ['--registry', registry.url, '--cache', join(folder, '.npm'), '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error']
  await run('npm', ['install', ...options], { cwd: folder, env })
  registry.close()
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) }
}

async function packOurs(folder: string, target: string): Promise<string> {
  const tarball = join(target, `${folder.split('/').at(-1)}.tgz`)
  await run('pnpm', ['pack', '--out', tarball], { cwd: folder, env })
  return tarball
}

/** A package of others as it is installed here, so that nothing is downloaded. */
async function packInstalled(folder: string, target: string): Promise<string> {
  const copy = await mkdtemp(join(target, 'copy-'))
  await cp(folder, join(copy, 'package'), { recursive: true })
  await run('tar', ['-czf', `${copy}.tgz`, '-C', copy, 'package'])
  return `${copy}.tgz`
}

/** The folders of everything that the packages in these folders depend on at run time, and that those depend on. */
async function dependenciesOf(folders: readonly string[]): Promise<string[]> {
  const found = new Set<string>()
  for (let more = [...folders]; more.length > 0;) {
    const named = (await Promise.all(more.map(installedDependencies))).flat()
    more = [...new Set(named)].filter((path) => !found.has(path))
    for (const path of more) found.add(path)
  }
  return [...found]
}

async function installedDependencies(folder: string): Promise<string[]> {
  const { dependencies = {} } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest
  const foreign = Object.entries(dependencies).filter(([, range]) => !range.startsWith('workspace:'))
  return Promise.all(foreign.map(([name]) => findInstalled(name, folder)))
}

/** As Node finds it from this folder: there, or above. */
async function findInstalled(name: string, folder: string): Promise<string> {
  const path = join(folder, 'node_modules', name)
  if (existsSync(path)) return realpath(path)
  if (folder === dirname(folder)) throw new Error(`${name} is not installed`)
  return findInstalled(name, dirname(folder))
}
