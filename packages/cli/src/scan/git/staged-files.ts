import type { StagedFile } from './objects.ts'
import { askGit } from './run-git.ts'

const added = /^:\d+ (?<mode>\d+) [0-9a-f]+ (?<oid>[0-9a-f]+) [ACMRTU]$/
const submodule = '160000'

/** What the next commit adds or changes, against the last commit or, before the first, against nothing. @throws GitError */
export async function stagedFiles(folder: string): Promise<StagedFile[]> {
  const answer = await askGit(folder, ['diff-index', '--cached', '--raw', '--no-abbrev', '--no-renames', '-z', await lastTree(folder), '--'])
  const parts = answer.split('\0')
  const files: StagedFile[] = []
  for (let index = 0; index + 1 < parts.length; index += 2) {
    const { mode, oid } = added.exec(parts[index] ?? '')?.groups ?? {}
    if (oid !== undefined && mode !== submodule) files.push({ oid, path: parts[index + 1] ?? '' })
  }
  return files
}

async function lastTree(folder: string): Promise<string> {
  const head = await askGit(folder, ['rev-parse', '--verify', '--quiet', 'HEAD']).catch(() => '')
  return head.trim() || (await askGit(folder, ['hash-object', '-t', 'tree', '--stdin'])).trim()
}
