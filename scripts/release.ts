// `npm run release -- version`: turns the release notes into versions and changelogs, to be looked at before they are merged.
// `npm run release -- publish`: publishes every version that the registry lacks; prints `name@version` of each. What follows goes to npm.
// `npm run release -- jsr [--dry-run]`: publishes what JSR is told of; a version that is there already is left as it is.
import { dirname } from 'node:path'
import { runInForeground } from './child-process.mjs'
import { writeJsrManifests } from './jsr-manifest.ts'
import { publishToJsr } from './publish-to-jsr.ts'
import { publishPackages } from './publish-packages.ts'

const root = dirname(import.meta.dirname)
const [step, ...options] = process.argv.slice(2)

if (step === 'version') {
  const { code } = await runInForeground('changeset', ['version'], { cwd: root })
  writeJsrManifests(root)
  process.exitCode = code ?? 1
} else if (step === 'publish') {
  for (const label of await publishPackages(root, options)) console.log(`published ${label}`)
} else if (step === 'jsr') {
  process.exitCode = (await publishToJsr(root, options)) ? 0 : 1
} else {
  console.error('say what: "version", "publish" or "jsr"')
  process.exitCode = 1
}
