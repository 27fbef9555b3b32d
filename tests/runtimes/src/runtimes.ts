/** Where the runtimes from npm have their programs; nothing here downloads or installs. */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const platform = `${process.platform}-${process.arch}`
const exe = process.platform === 'win32' ? '.exe' : ''
const here = createRequire(import.meta.url)

/** Each runtime is a package that depends on one package per platform, which has the program inside. */
const platformPackages: Record<string, Record<string, string>> = {
  bun: {
    'linux-x64': '@oven/bun-linux-x64',
    'linux-arm64': '@oven/bun-linux-aarch64',
    'darwin-x64': '@oven/bun-darwin-x64',
    'darwin-arm64': '@oven/bun-darwin-aarch64',
    'win32-x64': '@oven/bun-windows-x64',
  },
  deno: {
    'linux-x64': '@deno/linux-x64-glibc',
    'linux-arm64': '@deno/linux-arm64-glibc',
    'darwin-x64': '@deno/darwin-x64',
    'darwin-arm64': '@deno/darwin-arm64',
    'win32-x64': '@deno/win32-x64',
  },
  workerd: {
    'linux-x64': '@cloudflare/workerd-linux-64',
    'linux-arm64': '@cloudflare/workerd-linux-arm64',
    'darwin-x64': '@cloudflare/workerd-darwin-64',
    'darwin-arm64': '@cloudflare/workerd-darwin-arm64',
    'win32-x64': '@cloudflare/workerd-windows-64',
  },
}

/** The program of a runtime, or undefined when this platform has none. */
const runtimePrograms: Record<string, string | undefined> = {
  'Node 20': programIn(folderOf('node20'), 'bin/node'),
  'Node 22': programIn(folderOf('node22'), 'bin/node'),
  'Node 24': programIn(folderOf('node24'), 'bin/node'),
  'Node 26': programIn(folderOf('node'), 'bin/node'),
  Bun: programIn(platformFolderOf('bun'), `bin/bun${exe}`),
  Deno: programIn(platformFolderOf('deno'), `deno${exe}`),
  workerd: programIn(platformFolderOf('workerd'), `bin/workerd${exe}`),
  Chromium: ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((path) => existsSync(path)),
}

/** Where a runtime is absent its tests are skipped by their names; in CI its absence is a failure. */
export function mayBeSkipped(runtime: string): boolean {
  return runtimePrograms[runtime] === undefined && process.env.CI !== 'true'
}

/** @throws when this platform has none */
export function programOf(runtime: string): string {
  const program = runtimePrograms[runtime]
  if (program === undefined) throw new Error(`${runtime} is not installed`)
  return program
}

function platformFolderOf(runtime: string): string | undefined {
  const folder = folderOf(runtime)
  const name = platformPackages[runtime]?.[platform]
  return folder && name ? folderOf(name, createRequire(join(folder, 'package.json'))) : undefined
}

function folderOf(name: string, require: NodeJS.Require = here): string | undefined {
  try {
    return dirname(require.resolve(`${name}/package.json`))
  } catch {
    return undefined // an optional dependency that this platform does not get
  }
}

function programIn(folder: string | undefined, path: string): string | undefined {
  const program = folder && join(folder, path)
  return program && existsSync(program) ? program : undefined
}
