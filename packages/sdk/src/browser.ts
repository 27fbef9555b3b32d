/** What bundlers for browsers get under the name `letterlock`: errors to compare with, and no client. */
import { inBrowser } from './browser-guard.ts'

export { AbortedError, ApiError, AuthPausedError, ConnectionError, LetterlockError, TimeoutError } from './errors.ts'

/** Cannot be made here. */
export class Letterlock {
  /** @throws LetterlockError `in_browser` */
  constructor() {
    throw inBrowser()
  }
}
