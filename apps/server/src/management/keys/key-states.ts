import type { keys } from '@letterlock/db'
import { failure } from '../../http/failure.ts'
import { refuse } from '../refuse.ts'

/** What is revoked stays as it is. */
export const revoked = failure('invalid_state', 'The key is revoked for ever. Make a new one with keys.create.')

export function refuseRevoked({ status }: Pick<keys.KeyRow, 'status'>): void {
  if (status === 'revoked') refuse(revoked)
}

export function refuseExpired({ expires_at: end }: Pick<keys.KeyRow, 'expires_at'>, now: Date): void {
  if (!end || end > now) return
  refuse(failure('invalid_state', `The key expired at ${end.toISOString()}. Give it a new end with keys.update first (expiresIn).`))
}
