// The rules about files and manifests that no linter holds.
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { workspacePackages, type WorkspacePackage } from './workspace.mjs'

/** What a rule looked at and what it found there; a rule that saw nothing has proven nothing. */
export type Findings = { seen: number; problems: string[] }

const vagueNames = /^(utils?|helpers?|common|misc|lib|core)$/
const sourceRoots = ['apps', 'bench', 'examples', 'packages', 'scripts', 'tests']
const skippedFolders = /^(node_modules|dist|coverage|\..*)$/
const repository = 'git+https://github.com/letterlock/letterlock.git'
const floors = ['floor0', 'floor1', 'floor2', 'floor3', 'floor4', 'dev-only']

/** Names that say nothing about what is inside: such a file or folder attracts everything. */
export function findVagueNames(root: string): Findings {
  const paths = sourceRoots.flatMap((folder) => pathsBelow(root, folder))
  const vague = paths.filter((path) => vagueNames.test(path.split('/').at(-1)?.split('.')[0] ?? ''))
  return { seen: paths.length, problems: vague.map((path) => `${path}: name it after what it does`) }
}

/** Every package stands on one floor, is ESM, is type-checked, and offers named doors only. */
export function findManifestProblems(root: string): Findings {
  const packages = workspacePackages(root)
  const problems = packages.flatMap((item) => [
    ...floorProblems(root, item),
    ...doorProblems(item),
    ...(item.manifest.private ? [] : publishProblems(item)),
  ])
  return { seen: packages.length, problems }
}

function floorProblems(root: string, { folder }: WorkspacePackage) {
  const file = join(root, folder, 'turbo.json')
  const tags: string[] = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')).tags ?? []) : []
  const standing = tags.filter((tag) => floors.includes(tag))
  return standing.length === 1 ? [] : [`${folder}/turbo.json: needs exactly one tag of ${floors.join(', ')}`]
}

function doorProblems({ folder, manifest }: WorkspacePackage) {
  const doors = Object.keys(manifest.exports ?? {})
  const problems: string[] = []
  if (manifest.type !== 'module') problems.push('"type" must be "module"')
  if (!manifest.scripts?.typecheck) problems.push('has no "typecheck" script')
  if (doors.some((door) => door.includes('*') && !door.startsWith('./vectors/'))) problems.push('"exports" with a star opens every file: only ./vectors/ may have one')
  if (manifest.main || manifest.module) problems.push('"exports" is the only door, remove "main" and "module"')
  return problems.map((problem) => `${folder}/package.json: ${problem}`)
}

function publishProblems({ folder, manifest }: WorkspacePackage) {
  const doors = Object.keys(manifest.exports ?? {}).sort().join(' ')
  const publishedDoors = Object.keys(manifest.publishConfig?.exports ?? {}).sort().join(' ')
  const problems: string[] = []
  if (doors !== publishedDoors) problems.push('"publishConfig.exports" must name the same doors as "exports"')
  if (manifest.license !== 'Apache-2.0') problems.push('"license" must be Apache-2.0')
  // the registry compares it with where the package was really built
  if (manifest.repository?.url !== repository || manifest.repository?.directory !== folder) problems.push(`"repository" must be ${repository} with "directory": "${folder}"`)
  if (!manifest.engines?.node) problems.push('"engines.node" is missing')
  if (!manifest.files?.includes('dist')) problems.push('"files" must include dist')
  if (!manifest.scripts?.['check:package']) problems.push('has no "check:package" script')
  return problems.map((problem) => `${folder}/package.json: ${problem}`)
}

function pathsBelow(root: string, folder: string): string[] {
  if (!existsSync(join(root, folder))) return []
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => !skippedFolders.test(entry.name))
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`
      return entry.isDirectory() ? [path, ...pathsBelow(root, path)] : [path]
    })
}
