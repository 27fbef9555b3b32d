/** Keeps the client, and with it the key, out of browsers: whoever opens the page could read it. */
import { LetterlockError } from './errors.ts'

/** What of `globalThis` tells where we are. */
export interface Surroundings {
  readonly process?: { readonly versions?: { readonly node?: string } }
  readonly window?: { readonly document?: unknown }
  readonly importScripts?: unknown
  readonly navigator?: { readonly userAgent?: string }
}

/** A page, or a worker of one. Node with a simulated page (jsdom) is none; neither are Deno, Bun and workers of a server. */
export function isBrowser({ process, window, importScripts, navigator }: Surroundings): boolean {
  if (process?.versions?.node !== undefined) return false
  if (typeof window?.document === 'object') return true
  return typeof importScripts === 'function' && (navigator?.userAgent ?? '').startsWith('Mozilla/')
}

export function inBrowser(): LetterlockError {
  return new LetterlockError(
    'in_browser',
    'The Letterlock client must not run in a browser: everybody could read its API key. Call your own server, and let it call Letterlock.',
  )
}
