// Run inside a published package (`check:package`): packs it as npm would get it and looks at the tarball.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runInForeground, runQuietly } from './child-process.mjs'

const folder = mkdtempSync(join(tmpdir(), 'letterlock-pack-'))
try {
  process.exitCode = (await tarballIsSound(folder)) ? 0 : 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}

async function tarballIsSound(destination: string) {
  const packed = await runQuietly('pnpm', ['pack', '--pack-destination', destination])
  const tarball = readdirSync(destination).find((name) => name.endsWith('.tgz'))
  if (packed.code !== 0 || !tarball) {
    process.stdout.write(packed.output)
    return false
  }
  const path = join(destination, tarball)
  const sound = await passes('publint', path, '--strict')
  return (await passes('attw', path, '--profile', 'esm-only')) && sound
}

async function passes(program: string, ...args: string[]) {
  return (await runInForeground(program, args)).code === 0
}
