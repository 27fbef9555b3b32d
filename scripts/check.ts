// `npm run check`: everything that can be known without running the product. All steps run, even after a failure.
// `npm run check -- lint floors` runs only those steps.
import { dirname } from 'node:path'
import { findApiChanges } from './api-reports.ts'
import { runInForeground, runQuietly } from './child-process.mjs'
import { findJsrProblems } from './jsr-manifest.ts'
import { findManifestProblems, findVagueNames, type Findings } from './repository-rules.ts'
import { checkBoundaries, runTask } from './turbo.ts'
import { workspacePackages } from './workspace.mjs'

const root = dirname(import.meta.dirname)

type Step = { invariant: string; holds: () => Promise<boolean> }

const steps: Record<string, Step> = {
  types: { invariant: 'types compile in every package', holds: types },
  scripts: { invariant: 'types compile in scripts', holds: () => passes('tsc', '-p', 'scripts') },
  lint: { invariant: 'lint rules hold', holds: lint },
  floors: { invariant: 'packages import only lower floors', holds: () => checkBoundaries(root) },
  names: { invariant: 'files are named after what they do', holds: async () => report(findVagueNames(root)) },
  manifests: { invariant: 'packages offer named doors on one floor', holds: async () => report(findManifestProblems(root)) },
  jsr: { invariant: 'JSR is told what npm is', holds: async () => report(findJsrProblems(root)) },
  unused: { invariant: 'nothing is unused', holds: () => unused() },
  shipped: { invariant: 'nothing is shipped unused', holds: () => unused('--production') },
  packages: { invariant: 'packed packages resolve', holds: () => runTask(root, 'check:package') },
  api: { invariant: 'public types are as reported', holds: async () => report(await findApiChanges(root)) },
  changesets: { invariant: 'every release note names a package', holds: changesets },
}

const failed: string[] = []
const chosen = chosenSteps(process.argv.slice(2))
for (const { invariant, holds } of chosen) {
  console.log(`\n── ${invariant}`)
  if (!(await holds())) failed.push(invariant)
}
console.log('')
for (const { invariant } of chosen) console.log(`${failed.includes(invariant) ? 'FAILED' : 'ok    '}  ${invariant}`)
process.exitCode = failed.length > 0 ? 1 : 0

async function types() {
  return (await runTask(root, 'typecheck')) && seesPackages()
}

async function unused(...options: string[]) {
  return (await passes('knip', '--no-progress', '--no-config-hints', ...options)) && seesPackages()
}

async function lint() {
  const { code, output } = await runQuietly('oxlint', ['--type-aware', '--deny-warnings'], { cwd: root })
  process.stdout.write(output)
  const files = Number(/ on (\d+) files?/.exec(output)?.[1] ?? 0)
  return code === 0 && report({ seen: files, problems: [] })
}

/** Where no git history is at hand (an exported tree, a shallow clone) there is nothing to compare with. */
async function changesets() {
  const { code } = await runQuietly('git', ['rev-parse', '--verify', '--quiet', 'main'], { cwd: root })
  if (code === 0) return passes('changeset', 'status')
  console.log('no branch "main" here, nothing to compare with')
  return true
}

/** turbo and knip are content with an empty workspace; we are not. */
function seesPackages() {
  return report({ seen: workspacePackages(root).length, problems: [] })
}

function report({ seen, problems }: Findings) {
  for (const problem of problems) console.error(problem)
  if (seen === 0) console.error('saw nothing to check')
  return seen > 0 && problems.length === 0
}

async function passes(program: string, ...args: string[]) {
  return (await runInForeground(program, args, { cwd: root })).code === 0
}

function chosenSteps(names: string[]): Step[] {
  if (names.length === 0) return Object.values(steps)
  return names.map((name) => {
    const step = steps[name]
    if (step) return step
    console.error(`no step "${name}", there are: ${Object.keys(steps).join(' ')}`)
    process.exit(1)
  })
}
