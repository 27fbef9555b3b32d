import type { EmitEvent } from '../webhooks/test-webhooks.ts'
import type { KeyStore } from './key-store.ts'
import type { StoredKey } from './stored-key.ts'

/** How long before its end a key is told of, the longest first. */
const warnings = [['30d', 30], ['7d', 7], ['1d', 1]] as const
const dayMs = 86_400_000

/** Tells, once each, of keys that end soon or are over, and of secrets that retired. */
export function tellKeyTimes(store: KeyStore, now: Date, emit: EmitEvent): void {
  for (const key of store.all()) {
    if (key.status === 'revoked') continue
    const named = { keyId: key.keyId, name: key.name }
    for (const { version, retiresAt } of key.secrets) {
      if (retiresAt && retiresAt <= now) once(key, `retired ${version}`, () => emit('key.secret_retired', { ...named, version, cause: 'overlap_ended', retiredAt: retiresAt.toISOString() }))
    }
    if (key.expiresAt) tellEnd(key, key.expiresAt)
  }

  function tellEnd(key: StoredKey, end: Date): void {
    const data = { keyId: key.keyId, name: key.name, expiresAt: end.toISOString() }
    if (end <= now) return once(key, `expired ${end.getTime()}`, () => emit('key.expired', data))
    const due = warnings.findLast(([, days]) => end.getTime() - now.getTime() <= days * dayMs)
    if (due) once(key, `expiring ${due[0]} ${end.getTime()}`, () => emit('key.expiring', { ...data, warnBefore: due[0] }))
  }
}

function once({ told }: StoredKey, occasion: string, tell: () => void): void {
  if (told.has(occasion)) return
  told.add(occasion)
  tell()
}
