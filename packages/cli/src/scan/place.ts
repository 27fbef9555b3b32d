/** Where something was looked into, and what could not be. */

/** An object of a git repository. */
export type GitObject = { readonly oid: string; readonly type: string }

export type Place = {
  /** As the caller would open it; empty for an object of git, whose path only its commits know. */
  readonly path: string
  /** Inside an archive: the member, and the member of that. */
  readonly members: readonly string[]
  readonly object?: GitObject
}

/** Something that was not looked into, or not to its end. */
export type Note = {
  readonly place: Place
  readonly what: string
  /** False when it was to be expected: a kind of archive that is not opened. True makes the scan fail. */
  readonly failed: boolean
}

/** Bytes of one place, in order. A block may be overwritten once the next one was asked for. */
export type Blocks = Iterable<Buffer> | AsyncIterable<Buffer>

/** Something to look into: a file, a member of an archive, an object of git. */
export type Piece = {
  readonly place: Place
  readonly blocks: Blocks
  /** Not to be opened although it begins like an archive. */
  readonly closed?: boolean
}

/** `dist/app.zip!src/env.js`; of an object without a path `git blob 1a2b3c4d5e`. */
export function showPlace({ path, members, object }: Place): string {
  const first = path === '' && object !== undefined ? `git ${object.type} ${object.oid.slice(0, 10)}` : path
  return [first, ...members].join('!')
}
