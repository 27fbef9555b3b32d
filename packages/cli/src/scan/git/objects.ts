/** Contents of git objects, as `git cat-file --batch` streams them. */
import { createByteReader } from '../byte-reader.ts'
import type { ByteReader } from '../byte-reader.ts'
import type { Piece } from '../place.ts'
import { startGit } from './run-git.ts'
import type { RunningGit } from './run-git.ts'

/** A file of a commit to come. */
export type StagedFile = { readonly oid: string; readonly path: string }

/**
 * Every object of the repository, each once: of all branches, tags and stashes, of forgotten commits until git throws
 * them away, commit messages and names of files included.
 * @throws GitError
 */
export async function* allObjects(folder: string): AsyncGenerator<Piece> {
  const git = startGit(folder, ['cat-file', '--batch', '--batch-all-objects', '--unordered', '--buffer'])
  git.input.end()
  yield* objectsOf(git, () => '')
}

/** The contents that would be committed. @throws GitError */
export async function* contentsOf(folder: string, files: readonly StagedFile[]): AsyncGenerator<Piece> {
  const git = startGit(folder, ['cat-file', '--batch', '--buffer'])
  git.input.end(files.map(({ oid }) => `${oid}\n`).join(''))
  yield* objectsOf(git, (index) => files[index]?.path ?? '')
}

async function* objectsOf(git: RunningGit, pathOf: (index: number) => string): AsyncGenerator<Piece> {
  const reader = createByteReader(git.output)
  for (let index = 0; ; index++) {
    const header = await readHeader(reader)
    if (header === undefined) break
    const { oid, type, size } = header
    const end = reader.position() + size
    yield { place: { path: pathOf(index), members: [], object: { oid, type } }, blocks: reader.blocks(size) }
    for await (const _ of reader.blocks(end - reader.position())) continue
    await reader.read(1) // the line feed after it
  }
  await git.done
}

const lineFeed = 10

async function readHeader(reader: ByteReader) {
  const line = await reader.readTo(lineFeed)
  if (line === undefined) return undefined
  const [oid = '', type = '', size] = line.split(' ')
  // "<oid> missing": the blob of a partial clone that is elsewhere.
  return { oid, type, size: size === undefined ? 0 : Number(size) }
}
