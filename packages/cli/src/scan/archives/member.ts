import type { Blocks } from '../place.ts'

/** A member of an archive; without a name it is the archive as it is, which could not be opened. */
export type Member = { readonly name: string | undefined; readonly blocks: Blocks }
