/** A folder in which `@letterlock/keys` is installed as npm would get it. */
import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../../..', import.meta.url))
const sources = fileURLToPath(new URL('.', import.meta.url))

export type Installation = { readonly folder: string; readonly remove: () => Promise<void> }

/** Packs the built package, unpacks it into node_modules of a new folder, and adds the checks. */
export async function installPackedKeys(): Promise<Installation> {
  const folder = await mkdtemp(join(tmpdir(), 'letterlock-runtimes-'))
  const target = join(folder, 'node_modules', '@letterlock', 'keys')
  await mkdir(target, { recursive: true })
  await run('tar', ['-xzf', await pack(folder), '-C', target, '--strip-components=1'])
  for (const name of await readdir(sources)) {
    if (name.endsWith('.mjs')) await cp(join(sources, name), join(folder, name))
  }
  const manifest = { type: 'module', dependencies: { '@letterlock/keys': '*' } }
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest))
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) }
}

async function pack(folder: string): Promise<string> {
  const env = { ...process.env, PATH: `${join(root, 'node_modules', '.bin')}${delimiter}${process.env.PATH}` }
  await run('pnpm', ['pack', '--pack-destination', folder], { cwd: join(root, 'packages', 'keys'), env })
  const tarball = (await readdir(folder)).find((name) => name.endsWith('.tgz'))
  if (tarball === undefined) throw new Error('pnpm pack left no tarball')
  return join(folder, tarball)
}
