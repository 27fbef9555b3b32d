// Which packages the workspace has, read from the folders that pnpm-workspace.yaml names.
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/**
 * @typedef {{ name: string, folder: string, manifest: Record<string, any> }} WorkspacePackage
 */

/**
 * Every package below `root` except the root itself, sorted by folder; `folder` is relative to `root`.
 * @param {string} root
 * @returns {WorkspacePackage[]}
 */
export function workspacePackages(root) {
  return workspacePatterns(readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8'))
    .flatMap((pattern) => matchingFolders(root, pattern))
    .filter((folder) => existsSync(join(root, folder, 'package.json')))
    .sort()
    .map((folder) => {
      const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
      return { name: manifest.name, folder, manifest }
    })
}

/** @param {string} yaml */
function workspacePatterns(yaml) {
  const block = /^packages:\n((?: +- .*\n)+)/m.exec(yaml)?.[1] ?? ''
  return block.split('\n').flatMap((line) => /^ +- ['"]?([^'"#\s]+)/.exec(line)?.[1] ?? [])
}

/** @param {string} root @param {string} pattern a folder, or a folder followed by one star */
function matchingFolders(root, pattern) {
  if (!pattern.endsWith('/*')) return [pattern]
  const parent = pattern.slice(0, -2)
  if (!existsSync(join(root, parent))) return []
  return readdirSync(join(root, parent), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => `${parent}/${entry.name}`)
}
