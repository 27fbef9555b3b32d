// Publishes what the registry does not have yet: packed by pnpm, which writes real versions for those of the workspace, sent by
// npm, which proves to the registry where it was built.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runInForeground, runQuietly } from './child-process.mjs'
import { runTask } from './turbo.ts'
import { workspacePackages, type WorkspacePackage } from './workspace.mjs'

/** The published ones, `name@version`, each after those it depends on. `npmOptions` go to npm as they are. */
export async function publishPackages(root: string, npmOptions: readonly string[]): Promise<string[]> {
  const packages = inOrderOfDependence(workspacePackages(root).filter(({ manifest }) => !manifest.private))
  const unversioned = packages.filter(({ manifest }) => manifest.version === '0.0.0')
  if (unversioned.length > 0) throw new Error(`never had a version: ${unversioned.map(({ name }) => name).join(', ')}`)
  const missing: WorkspacePackage[] = []
  for (const item of packages) if (!(await isPublished(item, npmOptions))) missing.push(item)
  if (missing.length > 0 && !(await runTask(root, 'build', { packages: missing.map(({ name }) => name), logs: 'errors-only' }))) {
    throw new Error('the packages do not build, see above')
  }
  for (const item of missing) await publish(root, item, npmOptions)
  return missing.map(labelOf)
}

function inOrderOfDependence(packages: readonly WorkspacePackage[]): WorkspacePackage[] {
  const ordered = new Set<WorkspacePackage>()
  const add = (item: WorkspacePackage) => {
    const names = Object.keys(item.manifest.dependencies ?? {})
    for (const needed of packages) if (names.includes(needed.name)) add(needed)
    ordered.add(item)
  }
  for (const item of packages) add(item)
  return [...ordered]
}

/** @throws when the registry could not be asked: what cannot be known is not published */
async function isPublished(item: WorkspacePackage, npmOptions: readonly string[]): Promise<boolean> {
  const { code, stdout, output } = await runQuietly('npm', ['view', labelOf(item), 'version', '--json', ...npmOptions])
  if (code === 0) return stdout.trim() !== ''
  if (/"code": "E404"/.test(output)) return false
  throw new Error(`the registry was asked for ${labelOf(item)}:\n${output}`)
}

async function publish(root: string, item: WorkspacePackage, npmOptions: readonly string[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'letterlock-publish-'))
  try {
    const tarball = join(folder, 'package.tgz')
    const packed = await runQuietly('pnpm', ['pack', '--out', tarball], { cwd: join(root, item.folder) })
    if (packed.code !== 0) throw new Error(`packing ${item.name} failed:\n${packed.output}`)
    const { code } = await runInForeground('npm', ['publish', tarball, ...npmOptions], { cwd: folder })
    if (code !== 0) throw new Error(`${labelOf(item)} was not published, see above`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function labelOf({ name, manifest }: WorkspacePackage): string {
  return `${name}@${manifest.version}`
}
