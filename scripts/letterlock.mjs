#!/usr/bin/env node
// The door of the repository: runs on any Node from 20 with nothing installed, sets up what is missing,
// then hands over to the Node version the project brings along.
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { endLike, runInForeground } from './child-process.mjs'
import { installWhenNeeded } from './install.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** @type {Record<string, string>} */
const programs = {
  start: 'apps/server/src/main.ts',
  test: 'scripts/test.ts',
  check: 'scripts/check.ts',
  bench: 'scripts/bench.ts',
  example: 'scripts/example.ts',
  release: 'scripts/release.ts',
  report: 'scripts/report.ts',
}

const [command = '', ...args] = process.argv.slice(2)
const program = programs[command]
if (!program) fail(`unknown command "${command}", one of: ${Object.keys(programs).join(', ')}`)
if (Number(process.versions.node.split('.')[0]) < 20) {
  fail(`Node.js ${process.versions.node} is too old: install version 20 or newer`)
}

const installed = await installWhenNeeded(root)
if (!installed.ok) {
  process.stderr.write(installed.output)
  fail(installed.problem)
}

const binaries = join(root, 'node_modules', '.bin')
endLike(
  await runInForeground(join(binaries, 'node'), [join(root, program), ...args], {
    cwd: root,
    env: { ...process.env, PATH: `${binaries}${delimiter}${process.env.PATH ?? ''}` },
  }),
)

/** @param {string} problem @returns {never} */
function fail(problem) {
  console.error(`letterlock: ${problem}`)
  process.exit(1)
}
