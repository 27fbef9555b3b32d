/** Looks at the package as it would be published: publint and attw on the packed tarball. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const folder = mkdtempSync(join(tmpdir(), 'letterlock-sdk-'))
try {
  run('pnpm', 'build')
  run('pnpm', 'pack', '--pack-destination', folder)
  const [tarball = ''] = readdirSync(folder)
  run('pnpm', '--workspace-root', 'exec', 'publint', '--strict', join(folder, tarball))
  run('pnpm', '--workspace-root', 'exec', 'attw', '--profile', 'esm-only', join(folder, tarball))
} finally {
  rmSync(folder, { recursive: true })
}

function run(program: string, ...args: string[]) {
  execFileSync(program, args, { stdio: 'inherit' })
}
