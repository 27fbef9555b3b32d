import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { spawn } from 'node:child_process'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import { onTestFinished } from 'vitest'

/** File contents by path, relative to the root of the tree. */
export type Files = Record<string, string>

/** How a program ended, and what it printed: on both streams in the order of arrival, and on stdout alone. */
export type Run = { code: number | null; output: string; stdout: string }

const repository = resolve(import.meta.dirname, '../../..')
const realConfiguration = [
  '.gitignore',
  '.oxlintrc.json',
  'knip.json',
  'pnpm-workspace.yaml',
  'scripts',
  'tsconfig.base.json',
  'turbo.json',
]

/** A small workspace with the real configuration of this repository; every check passes on it. */
export const cleanFiles: Files = {
  ...packageFiles('packages/keys', { name: '@letterlock/keys', tag: 'floor0' }),
  'packages/keys/src/index.ts': "export { redact } from './redact.ts'\n",
  'packages/keys/src/redact.ts': "export const redact = (key: string) => `${key.slice(0, 8)}…`\n",
  ...packageFiles('packages/db', { name: '@letterlock/db', tag: 'floor1', dependencies: ['@letterlock/keys'] }),
  'packages/db/src/index.ts': "export { describeKey } from './describe-key.ts'\n",
  'packages/db/src/describe-key.ts':
    "import { redact } from '@letterlock/keys'\n\nexport const describeKey = (key: string) => redact(key)\n",
}

/** The files every package of a tree has: manifest, floor, compiler settings. */
export function packageFiles(
  folder: string,
  { name, tag, dependencies = [], scripts = {} }: {
    name: string
    tag: string
    dependencies?: string[]
    scripts?: Record<string, string>
  },
): Files {
  const manifest = {
    name,
    version: '0.0.0',
    private: true,
    type: 'module',
    exports: { '.': './src/index.ts' },
    scripts: { typecheck: 'tsc', ...scripts },
    dependencies: Object.fromEntries(dependencies.map((dependency) => [dependency, 'workspace:*'])),
    devDependencies: { typescript: '*' },
  }
  return {
    [`${folder}/package.json`]: JSON.stringify(manifest),
    [`${folder}/turbo.json`]: JSON.stringify({ extends: ['//'], tags: [tag] }),
    [`${folder}/tsconfig.json`]: JSON.stringify({ extends: '../../tsconfig.base.json', include: ['src'] }),
  }
}

/** Writes the files into a temporary folder beside the real configuration; it is gone when the test is over. */
export function growTree(files: Files): string {
  const root = mkdtempSync(join(tmpdir(), 'letterlock-fence-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  for (const name of realConfiguration) cpSync(join(repository, name), join(root, name), { recursive: true })
  linkModules(root)
  dropCatalog(root)
  const { packageManager } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as { packageManager: string }
  writeFileSync(join(root, 'package.json'), JSON.stringify({ name: 'tree', private: true, type: 'module', packageManager }))
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), content)
  }
  for (const path of Object.keys(files).filter((file) => /^packages\/[^/]+\/package.json$/.test(file))) {
    linkDependencies(root, dirname(path), JSON.parse(files[path] ?? '') as Manifest)
  }
  return root
}

/** Runs one of the repository's own scripts inside the tree. */
export function runScript(root: string, [script, ...args]: string[], environment: NodeJS.ProcessEnv = {}): Promise<Run> {
  const { CI: _, npm_lifecycle_event: __, ...inherited } = process.env
  const env = {
    ...inherited,
    ...environment,
    NO_COLOR: '1',
    PATH: `${join(repository, 'node_modules/.bin')}${delimiter}${process.env.PATH}`,
  }
  const child = spawn('node', [join(root, 'scripts', script ?? ''), ...args], { cwd: root, env, detached: true })
  onTestFinished(() => endGroup(child.pid))
  let output = ''
  let stdout = ''
  child.stdout.on('data', (text) => (stdout += text))
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text))
  return new Promise((done, failed) => {
    child.once('error', failed)
    child.once('close', (code) => done({ code, output, stdout }))
  })
}

/** One link per module, never one for the folder: a tool that tidies up must not reach the repository's own. */
function linkModules(root: string) {
  mkdirSync(join(root, 'node_modules'))
  for (const name of readdirSync(join(repository, 'node_modules')).filter((entry) => !entry.startsWith('.'))) {
    symlinkSync(join(repository, 'node_modules', name), join(root, 'node_modules', name))
  }
}

/** The versions are those of packages that the tree does not have. */
function dropCatalog(root: string) {
  const file = join(root, 'pnpm-workspace.yaml')
  writeFileSync(file, readFileSync(file, 'utf8').replace(/^catalog:\n(?: .*\n)+/m, ''))
}

/** A test that ran out of time leaves checkers behind, which would slow down everything after it. */
function endGroup(pid: number | undefined) {
  try {
    if (pid) process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended by itself, as it should.
  }
}

type Manifest = { dependencies: Record<string, string> }

/** What an install would do: a package finds the packages it has declared, and no other. */
function linkDependencies(root: string, folder: string, { dependencies }: Manifest) {
  for (const name of Object.keys(dependencies)) {
    const link = join(root, folder, 'node_modules', name)
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(join(root, 'packages', name.split('/').at(-1) ?? ''), link)
  }
}
