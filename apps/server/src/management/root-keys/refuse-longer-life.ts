import { invalid } from '../../http/failure.ts'
import type { RootPrincipal } from '../context.ts'
import { refuse } from '../refuse.ts'

/** Ends the procedure when what the caller gets outlives him; otherwise a key with an end could replace itself for ever. */
export function refuseLongerLife({ expiresAt: end }: RootPrincipal, expiresAt: Date | null, path: string): void {
  if (end === null || (expiresAt !== null && expiresAt <= end)) return
  const message = `a root key cannot outlive the one that makes or rotates it; yours expires at ${end.toISOString()}`
  refuse(invalid([{ path, message }]))
}
