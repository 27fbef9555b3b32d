// Installs the workspace when it was not installed yet, or when what it depends on has changed.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { runQuietly } from './child-process.mjs'
import { workspacePackages } from './workspace.mjs'

const pnpm = 'pnpm@12.21.0'
const stampFile = 'node_modules/.letterlock-install'

/**
 * Makes `node_modules` match the lockfile; returns at once when it already does.
 * @param {string} root
 * @returns {Promise<{ ok: true } | { ok: false, problem: string, output: string }>}
 */
export async function installWhenNeeded(root) {
  const wanted = dependencyHash(root)
  if (isInstalled(root, wanted)) return { ok: true }
  console.error('letterlock: installing dependencies (the first time takes a minute or two) …')
  const result = await pnpmInstall(root)
  if (!result.ok) return result
  const stamp = join(root, stampFile)
  mkdirSync(dirname(stamp), { recursive: true })
  writeFileSync(stamp, wanted)
  return { ok: true }
}

/** @param {string} root @param {string} wanted */
function isInstalled(root, wanted) {
  const stamp = join(root, stampFile)
  return (
    existsSync(join(root, 'node_modules/.bin/node')) &&
    existsSync(stamp) &&
    readFileSync(stamp, 'utf8') === wanted
  )
}

/** @param {string} root */
function dependencyHash(root) {
  const manifests = workspacePackages(root).map(({ folder }) => `${folder}/package.json`)
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}\n`)
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json', ...manifests]) {
    hash.update(`${file}\n`).update(readFileSync(join(root, file)))
  }
  return hash.digest('hex')
}

/** @param {string} root */
async function pnpmInstall(root) {
  const windows = process.platform === 'win32'
  try {
    // CI=true: pnpm asks nothing, because nobody may be there to answer.
    const { code, output } = await runQuietly('npx', ['--yes', pnpm, 'install', '--frozen-lockfile'], {
      cwd: root,
      shell: windows,
      env: { ...process.env, CI: 'true' },
    })
    return code === 0 ? { ok: /** @type {const} */ (true) } : failure(installProblem(output), output)
  } catch (error) {
    const missing = /** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT'
    return failure(missing ? 'npm is missing: install Node.js together with npm, npx is not in PATH' : String(error), '')
  }
}

/** @param {string} output */
function installProblem(output) {
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH|META_FETCH_FAIL|dns error/i.test(output)) {
    return 'the package registry cannot be reached: check the network (or the proxy) and try again'
  }
  if (/ENOSPC|No space left/i.test(output)) return 'the disk is full'
  if (/OUTDATED_LOCKFILE/.test(output)) {
    return `pnpm-lock.yaml does not match a package.json: run "npx ${pnpm} install" and commit the lockfile`
  }
  return 'installing the dependencies failed; the output of pnpm is above'
}

/** @param {string} problem @param {string} output */
function failure(problem, output) {
  return { ok: /** @type {const} */ (false), problem, output }
}
