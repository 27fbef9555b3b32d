import { failure, invalid } from './failure.ts'

/** 1 to 255 visible ASCII characters. */
export function isIdempotencyKey(text: string): boolean {
  return /^[\x21-\x7e]{1,255}$/.test(text)
}

export const badIdempotencyKey = invalid([{ path: 'Idempotency-Key', message: 'expected 1 to 255 visible ASCII characters' }])
export const idempotencyMismatch = failure('idempotency_mismatch', 'This Idempotency-Key was used for another request. Use a new key for a new request.')
