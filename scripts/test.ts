// `npm test`: builds, runs the tests of every package that changed, and counts what the runners reported.
// `npm test -- keys db` runs only those packages (by folder or package name).
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { countsLine, summarize, type Report } from './test-summary.ts'
import { cachedPackages, runTask } from './turbo.ts'
import { workspacePackages, type WorkspacePackage } from './workspace.mjs'

const root = dirname(import.meta.dirname)
const strict = process.env.CI === 'true'
const packages = chosenPackages(process.argv.slice(2))

for (const { folder } of packages) rmSync(join(root, folder, '.reports'), { recursive: true, force: true })
const cached = await cachedPackages(root, 'test')
let ranClean = await runTask(root, 'test', { packages: packages.map(({ name }) => name) })

// A skipped test may have been skipped for want of a program that is there by now.
const skippedFromCache = packages.filter((item) => cached.has(item.name) && summaryOf([item]).skipped.length > 0)
if (skippedFromCache.length > 0) {
  const again = { packages: skippedFromCache.map(({ name }) => name), fresh: true, only: true }
  ranClean = (await runTask(root, 'test', again)) && ranClean
}

const summary = summaryOf(packages)
if (!ranClean && summary.failed.length === 0) summary.failed.push('turbo failed outside of a test, see its output above')
printNames('failed', summary.failed)
printNames('skipped', summary.skipped)
console.log(`\n${countsLine(summary)}`)
process.exitCode = summary.failed.length > 0 || (strict && summary.skipped.length > 0) ? 1 : 0

function summaryOf(items: WorkspacePackage[]) {
  return summarize(items.map((item) => ({ packageName: item.name, report: readReport(item) })))
}

function readReport({ folder }: WorkspacePackage): Report | null {
  const file = join(root, folder, '.reports/vitest.json')
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Report) : null
}

function chosenPackages(wanted: string[]) {
  const tested = workspacePackages(root).filter(({ manifest }) => manifest.scripts?.test)
  if (wanted.length === 0) return tested
  return wanted.map((name) => {
    const found = tested.find((item) => item.name === name || basename(item.folder) === name)
    if (found) return found
    console.error(`no package "${name}" with tests, there are: ${tested.map(({ folder }) => folder).join(' ')}`)
    process.exit(1)
  })
}

function printNames(state: string, names: string[]) {
  if (names.length > 0) console.log(`\n${state}:`)
  for (const name of names) console.log(`  ${name}`)
}
