/** Keeps root keys out of browsers: whoever opens the page could read it. */
import { AdminError } from './admin-error.ts'

/** What of `globalThis` tells where we are. */
export interface Surroundings {
  readonly process?: { readonly versions?: { readonly node?: string } }
  readonly document?: unknown
  readonly importScripts?: unknown
  readonly navigator?: { readonly userAgent?: string }
}

/** A page, or a worker of one. Node with a simulated page (jsdom) is none; neither are Deno, Bun and workers of a server. */
export function isBrowser({ process, document, importScripts, navigator }: Surroundings): boolean {
  if (process?.versions?.node !== undefined) return false
  if (typeof document === 'object') return true
  return typeof importScripts === 'function' && (navigator?.userAgent ?? '').startsWith('Mozilla/')
}

export function inBrowser(): AdminError {
  const message = 'A root key opens the whole installation: it has no place in a browser. Call your own server, and let it call Letterlock.'
  return new AdminError({ code: 'in_browser', message })
}
