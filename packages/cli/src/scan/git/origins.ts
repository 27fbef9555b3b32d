import { createByteReader } from '../byte-reader.ts'
import { startGit } from './run-git.ts'

/** The first commit that has an object, and the file it has it as. */
export type Origin = {
  readonly commit: string
  /** RFC 3339, of the committer. */
  readonly date: string
  /** Absent for a commit itself. */
  readonly path?: string
}

const commitMark = '\u0001'
const change = /^\n?:\d+ \d+ [0-9a-f]+ ([0-9a-f]+) [A-Z]$/

/**
 * Where objects came from. One pass over all commits, forgotten ones that are still in a log of references included; an
 * object that is not in the answer is in no commit.
 * @throws GitError
 */
export async function originsOf(folder: string, oids: ReadonlySet<string>): Promise<Map<string, Origin>> {
  const origins = new Map<string, Origin>()
  if (oids.size === 0) return origins
  const git = startGit(folder, [...changesOfAll, format])
  git.input.end()
  const reader = createByteReader(git.output)
  let commit: Origin = { commit: '', date: '' }
  // Children before their parents: an older commit takes the place of a younger.
  for (let token = await reader.readTo(0); token !== undefined; token = await reader.readTo(0)) {
    if (token.startsWith(commitMark)) {
      const [hash = '', date = ''] = token.slice(1).split(' ')
      commit = { commit: hash, date }
      if (oids.has(hash)) origins.set(hash, commit)
    } else {
      const oid = change.exec(token)?.[1] ?? ''
      const path = (await reader.readTo(0)) ?? ''
      if (oids.has(oid)) origins.set(oid, { ...commit, path })
    }
  }
  await git.done
  return origins
}

const changesOfAll = ['log', '--all', '--reflog', '--date-order', '--raw', '-t', '-m', '--root', '--no-renames', '--no-abbrev', '-z']

/** Hash and date of each commit, before its changes. */
const format = '--format=%x01%H %cI'
