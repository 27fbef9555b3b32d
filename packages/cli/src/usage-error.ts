/** The command was called in a way that cannot be carried out. The message tells the caller what to change. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
