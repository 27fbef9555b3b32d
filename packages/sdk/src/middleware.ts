/** Functions around each attempt. */

/** A request as middleware sees it: the API key is not in it, it is put on last. */
export interface OutgoingRequest {
  readonly method: string
  /** Its origin cannot be changed: the key goes nowhere else. */
  readonly url: string
  /** A copy for this attempt. `Authorization` cannot be set. */
  readonly headers: Headers
  readonly body: string | null
  /** Aborts when the attempt takes too long, or the caller's signal does. */
  readonly signal: AbortSignal
}

/** What is known of the call that an attempt belongs to. */
export interface AttemptContext {
  /** Such as `contacts.create`; of `client.request()`, method and the beginning of the path. */
  readonly operation: string
  /** The path before values are filled in, such as `/contacts/{idOrEmail}`. */
  readonly pathTemplate: string
  /** The scope that the operation needs; null: any key may; undefined: not known, of `client.request()`. */
  readonly scope: string | null | undefined
  /** 1 for the first. */
  readonly attempt: number
}

/** Sends what it is given. */
export type Send = (request: OutgoingRequest) => Promise<Response>

/** Sees each attempt of each call; answers what `next` answers, or something else. What it throws ends the call. */
export type Middleware = (request: OutgoingRequest, next: Send, context: AttemptContext) => Promise<Response>

/** The first of the list is the outermost. */
export function chain(middleware: readonly Middleware[], send: Send, context: AttemptContext): Send {
  return middleware.reduceRight<Send>((next, each) => (request) => each(request, next, context), send)
}
