// What JSR is told of a package, made of its package.json: the two never say different things.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Findings } from './repository-rules.ts'
import { workspacePackages, type WorkspacePackage } from './workspace.mjs'

/** Every jsr.json must be the one that its package.json makes. */
export function findJsrProblems(root: string): Findings {
  const manifests = jsrManifests(root)
  const stale = manifests.filter(({ file, text }) => readFileSync(join(root, file), 'utf8') !== text)
  return { seen: manifests.length, problems: stale.map(({ file, text }) => `${file}: package.json has changed, it must be:\n${text}`) }
}

/** Writes those that there are anew, after a change of version. */
export function writeJsrManifests(root: string): void {
  for (const { file, text } of jsrManifests(root)) writeFileSync(join(root, file), text)
}

/** The packages that are on JSR too: those with a jsr.json. */
export function jsrPackages(root: string): WorkspacePackage[] {
  return workspacePackages(root).filter(({ folder }) => existsSync(join(root, folder, 'jsr.json')))
}

function jsrManifests(root: string) {
  return jsrPackages(root).map(({ folder, manifest }) => ({ file: `${folder}/jsr.json`, text: jsrManifest(manifest) }))
}

/** JSR takes the sources, and no door to files that are no modules. */
function jsrManifest({ name, version, license, exports }: Record<string, unknown>): string {
  const modules = Object.entries(exports ?? {}).filter(([door]) => !door.includes('*'))
  const manifest = {
    $schema: 'https://jsr.io/schema/config-file.v1.json', name, version, license, exports: Object.fromEntries(modules),
    publish: { include: ['src/**/*.ts', 'LICENSE', 'README.md', 'jsr.json'], exclude: ['src/**/*.test.ts'] },
  }
  return `${JSON.stringify(manifest, null, 2)}\n`
}
