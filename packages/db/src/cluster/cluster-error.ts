/** What can keep a cluster from starting; a closed list. */
export type ClusterErrorCode =
  | 'data_dir_in_use'
  | 'data_dir_unwritable'
  | 'port_in_use'
  | 'init_failed'
  | 'start_failed'

/** A cluster that cannot start: `message` is one line that says what to do, `details` are PostgreSQL's words. */
export class ClusterError extends Error {
  override readonly name = 'ClusterError'
  readonly code: ClusterErrorCode
  readonly details: string

  constructor(code: ClusterErrorCode, message: string, options: { details?: string; cause?: unknown } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.code = code
    this.details = options.details ?? ''
  }
}
