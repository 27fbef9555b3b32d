// An example as its reader would have it: a folder of its own, the packages installed from what would be published.
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runQuietly } from './child-process.mjs'
import { runTask } from './turbo.ts'
import { workspacePackages, type WorkspacePackage } from './workspace.mjs'

const packFolder = '.letterlock-pack'

/** Builds, packs and installs what the example depends on; returns the folder to run it in. */
export async function unpackExample(root: string, example: WorkspacePackage): Promise<string> {
  const published = packagesOf(root, example)
  if (published.length > 0) await build(root, published)
  const tarballs: Record<string, string> = {}
  for (const item of published) tarballs[item.name] = await packWhenChanged(root, item)

  const folder = join(root, packFolder, example.folder)
  const manifest = JSON.stringify(installableManifest(root, example, tarballs), null, 2)
  const stamp = hashOf([manifest])
  const unchanged = readIfThere(join(folder, 'node_modules/.stamp')) === stamp
  copySources(join(root, example.folder), folder)
  writeFileSync(join(folder, 'package.json'), manifest)
  if (!unchanged) await install(folder, stamp)
  return folder
}

function packagesOf(root: string, { manifest }: WorkspacePackage) {
  const wanted = Object.keys(manifest.dependencies ?? {})
  return workspacePackages(root).filter(({ name, manifest: { private: hidden } }) => wanted.includes(name) && !hidden)
}

async function build(root: string, packages: WorkspacePackage[]) {
  const built = await runTask(root, 'build', { packages: packages.map(({ name }) => name), logs: 'errors-only' })
  if (!built) throw new Error('the packages do not build, see above')
}

/** The tarball carries the hash of its content in its name, so that a changed package is installed again. */
async function packWhenChanged(root: string, { folder, name }: WorkspacePackage) {
  const content = filesBelow(join(root, folder, 'dist')).sort()
  const hash = hashOf([join(root, folder, 'package.json'), ...content].map((file) => readFileSync(file, 'utf8')))
  const tarball = join(root, packFolder, `${name.replace('@', '').replace('/', '-')}-${hash.slice(0, 16)}.tgz`)
  if (existsSync(tarball)) return tarball
  mkdirSync(join(root, packFolder), { recursive: true })
  const { code, output } = await runQuietly('pnpm', ['pack', '--out', tarball], { cwd: join(root, folder) })
  if (code !== 0) throw new Error(`packing ${name} failed:\n${output}`)
  return tarball
}

function installableManifest(root: string, example: WorkspacePackage, tarballs: Record<string, string>) {
  const catalog = readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8')
  const dependencies = Object.entries<string>(example.manifest.dependencies ?? {}).map(([name, range]) => {
    if (tarballs[name]) return [name, `file:${tarballs[name]}`]
    return [name, range === 'catalog:' ? versionInCatalog(catalog, name) : range]
  })
  const { name, type, scripts } = example.manifest
  return { name, private: true, type, scripts, dependencies: Object.fromEntries(dependencies) }
}

function versionInCatalog(catalog: string, name: string) {
  const line = catalog.split('\n').find((text) => text.trim().replaceAll(/['"]/g, '').startsWith(`${name}: `))
  if (!line) throw new Error(`the catalog has no version of ${name}`)
  return line.slice(line.lastIndexOf(': ') + 2)
}

function copySources(from: string, to: string) {
  mkdirSync(to, { recursive: true })
  for (const name of readdirSync(to)) {
    if (name !== 'node_modules') rmSync(join(to, name), { recursive: true })
  }
  const skipped = /[/\\](node_modules|\.turbo|\.reports)$/
  cpSync(from, to, { recursive: true, filter: (source) => !skipped.test(source) })
}

async function install(folder: string, stamp: string) {
  rmSync(join(folder, 'node_modules'), { recursive: true, force: true })
  const options = ['--no-audit', '--no-fund', '--no-package-lock', '--prefer-offline', '--omit=dev']
  const { code, output } = await runQuietly('npm', ['install', ...options], { cwd: folder })
  if (code !== 0) throw new Error(`installing the packed packages failed:\n${output}`)
  mkdirSync(join(folder, 'node_modules'), { recursive: true })
  writeFileSync(join(folder, 'node_modules/.stamp'), stamp)
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}

function readIfThere(file: string) {
  return existsSync(file) ? readFileSync(file, 'utf8') : null
}

function hashOf(texts: string[]) {
  const hash = createHash('sha256')
  for (const text of texts) hash.update(text).update('\0')
  return hash.digest('hex')
}
