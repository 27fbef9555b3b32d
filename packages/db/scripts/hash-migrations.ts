/**
 * Adds the hash of each new migration to `migrations/hashes.json`: `node scripts/hash-migrations.ts`.
 * From then on the file is immutable. `--amend` accepts changes as well, for a migration that is not merged yet.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Migration, migrationsDirectory, readMigrations } from '../src/migrate.ts'

/** File name without `.sql` → SHA-256 in hex. */
export type HashList = Record<string, string>

/** Where the committed list is. */
export const hashesPath = join(migrationsDirectory, 'hashes.json')

/** The committed list. */
export function readHashes(): HashList {
  return existsSync(hashesPath) ? JSON.parse(readFileSync(hashesPath, 'utf8')) : {}
}

/** What does not fit between the list and the files, one line each; nothing when all is well. */
export function compareHashes(list: HashList, migrations: readonly Migration[]): string[] {
  const files = hashesOf(migrations)
  const names = [...new Set([...Object.keys(list), ...Object.keys(files)])].toSorted()
  return names.flatMap((name) => {
    if (!(name in files)) return [`${name} is in the list, but its file is gone`]
    if (!(name in list)) return [`${name} has no entry: run scripts/hash-migrations.ts`]
    return list[name] === files[name] ? [] : [`${name} was changed after it was merged: write a new migration`]
  })
}

/** The list these files make. */
export function hashesOf(migrations: readonly Migration[]): HashList {
  return Object.fromEntries(
    migrations.map(({ version, name, sha256 }) => [`${String(version).padStart(4, '0')}_${name}`, sha256]),
  )
}

function main(amend: boolean): void {
  const hashes = hashesOf(readMigrations())
  const list = amend ? hashes : { ...hashes, ...readHashes() }
  writeFileSync(hashesPath, `${JSON.stringify(list, null, 2)}\n`)
  const problems = compareHashes(list, readMigrations())
  for (const problem of problems) process.stderr.write(`${problem}\n`)
  process.exitCode = problems.length > 0 ? 1 : 0
}

if (import.meta.main) main(process.argv.includes('--amend'))
