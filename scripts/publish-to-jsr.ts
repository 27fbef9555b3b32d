// JSR takes sources. They are published from a folder of their own, so that no setting of this repository explains them.
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runInForeground } from './child-process.mjs'
import { jsrPackages } from './jsr-manifest.ts'

/** Publishes every package that has a jsr.json by Deno, which checks its types first; true when all went well. */
export async function publishToJsr(root: string, denoOptions: readonly string[]): Promise<boolean> {
  const deno = createRequire(join(root, 'tests/runtimes/package.json')).resolve('deno/bin.cjs')
  for (const { folder } of jsrPackages(root)) {
    const copy = mkdtempSync(join(tmpdir(), 'letterlock-jsr-'))
    try {
      for (const name of ['src', 'README.md', 'jsr.json']) cpSync(join(root, folder, name), join(copy, name), { recursive: true })
      cpSync(join(root, 'LICENSE'), join(copy, 'LICENSE'))
      const env = { ...process.env, DENO_NO_UPDATE_CHECK: '1', NO_COLOR: '1' }
      const { code } = await runInForeground('node', [deno, 'publish', '--allow-dirty', ...denoOptions], { cwd: copy, env })
      if (code !== 0) return false
    } finally {
      rmSync(copy, { recursive: true, force: true })
    }
  }
  return true
}
