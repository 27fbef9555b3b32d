/** Why a server could not be asked; never with a key in it. */
export type RemoteErrorCode = 'bad_options' | 'unreachable' | 'refused' | 'bad_answer' | 'overloaded'

/** A question to the server that has no answer. The verifier goes on without, as long as its view is fresh. */
export class RemoteVerifierError extends Error {
  override readonly name = 'RemoteVerifierError'
  readonly code: RemoteErrorCode
  /** The status of the answer, when there was one. */
  readonly status: number | undefined

  constructor(code: RemoteErrorCode, message: string, options: { readonly status?: number; readonly cause?: unknown } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.code = code
    this.status = options.status
  }
}
