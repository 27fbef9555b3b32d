// `npm run example -- <name>`: runs an example with the packages as they would be published.
// It talks to the server whose `dev.json` lies in the data directory, unless the environment names another.
import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { endLike, runInForeground } from './child-process.mjs'
import { unpackExample } from './packed-example.ts'
import { workspacePackages } from './workspace.mjs'

const root = dirname(import.meta.dirname)
const [name = '', ...args] = process.argv.slice(2)
const examples = workspacePackages(root).filter(({ folder }) => folder.startsWith('examples/'))
const example = examples.find(({ folder }) => basename(folder) === name)
if (!example) {
  console.error(`no example "${name}", there are: ${examples.map(({ folder }) => basename(folder)).join(' ') || 'none'}`)
  process.exit(1)
}

// an example that starts servers of its own starts those of this repository, which are not published, and stays in it
const startsServers = example.manifest.letterlock?.startsServers === true
const callsManagement = example.manifest.dependencies?.['@letterlock/admin'] !== undefined
const environment = startsServers ? process.env : serverEnvironment(callsManagement ? 'LETTERLOCK_ROOT_KEY' : 'LETTERLOCK_API_KEY')
const folder = startsServers ? join(root, example.folder) : await unpackExample(root, example)
endLike(await runInForeground('node', ['--run', 'start', '--', ...args], { cwd: folder, env: environment }))

/** That of this process when it names a server by the key that the example needs, else of the server that runs here. */
function serverEnvironment(neededKey: string): NodeJS.ProcessEnv {
  const dataDirectory = resolve(root, process.env.LETTERLOCK_DATA_DIR ?? '.letterlock')
  const base = { ...process.env, LETTERLOCK_DATA_DIR: dataDirectory }
  if (process.env[neededKey]) return base
  const file = join(dataDirectory, 'dev.json')
  if (!existsSync(file)) {
    console.error(`no server has run here yet (${file} is missing): run "npm start" in another terminal first`)
    process.exit(1)
  }
  const { apiUrl, liveKey, managementUrl, rootKey } = JSON.parse(readFileSync(file, 'utf8')) as DevelopmentFile
  const urls = { LETTERLOCK_BASE_URL: apiUrl, LETTERLOCK_MANAGEMENT_URL: managementUrl }
  return { ...urls, ...base, LETTERLOCK_API_KEY: liveKey, LETTERLOCK_ROOT_KEY: rootKey }
}

type DevelopmentFile = Readonly<Record<'apiUrl' | 'liveKey' | 'managementUrl' | 'rootKey', string>>
