/** Why an archive was not read, or not to its end. The message continues a sentence that begins with its name. */
export class ArchiveError extends Error {
  override readonly name = 'ArchiveError'
  /** True when a key may be in it because we gave up, and not because nobody could read it. */
  readonly gaveUp: boolean

  constructor(message: string, { gaveUp = false }: { readonly gaveUp?: boolean } = {}) {
    super(message)
    this.gaveUp = gaveUp
  }
}
