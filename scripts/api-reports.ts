// The checked-in reports of the public APIs: a change of what integrators compile against shows in the diff, or is red.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { apiReport } from './api-report.ts'
import type { Findings } from './repository-rules.ts'
import { runTask } from './turbo.ts'
import { workspacePackages } from './workspace.mjs'

/** Builds every published package, and compares its API with its report. */
export async function findApiChanges(root: string): Promise<Findings> {
  const reports = await buildReports(root)
  return { seen: reports.length, problems: reports.flatMap(({ file, report }) => changesBetween(file, readIfThere(join(root, file)), report)) }
}

/** Writes the reports anew; the names of those that changed. */
export async function writeApiReports(root: string): Promise<string[]> {
  const changed = (await buildReports(root)).filter(({ file, report }) => readIfThere(join(root, file)) !== report)
  for (const { file, report } of changed) writeFileSync(join(root, file), report)
  return changed.map(({ file }) => file)
}

async function buildReports(root: string) {
  const published = workspacePackages(root).filter(({ manifest }) => !manifest.private && manifest.exports)
  const built = published.length > 0 && (await runTask(root, 'build', { packages: published.map(({ name }) => name), logs: 'errors-only' }))
  if (!built) throw new Error('there is no published package that builds')
  return published.map(({ folder, name, manifest }) => {
    return { file: `${folder}/API.md`, report: apiReport(join(root, folder), name, manifest.publishConfig.exports) }
  })
}

function changesBetween(file: string, before: string, now: string): string[] {
  if (before === now) return []
  const [old, current] = [before.split('\n'), now.split('\n')]
  const changes = [...difference(old, current).map((line) => `  - ${line}`), ...difference(current, old).map((line) => `  + ${line}`)]
  const shown = changes.length > 0 ? changes.slice(0, 20) : ['  the order of its lines']
  return [`${file}: the public API is another one. When that is meant: "npm run report", and a release note.`, ...shown]
}

function difference(lines: readonly string[], others: readonly string[]): string[] {
  const known = new Set(others)
  return lines.filter((line) => !known.has(line))
}

function readIfThere(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : ''
}
