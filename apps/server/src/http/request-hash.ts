import { createHash } from 'node:crypto'

/** SHA-256 of what a request asks for, so that a repeat with the same Idempotency-Key can be told from another request. */
export function requestHash(operationId: string, parts: { params: unknown; body: unknown }): Buffer {
  return createHash('sha256').update(JSON.stringify([operationId, parts.params ?? null, sorted(parts.body ?? null)])).digest()
}

// the order in which a program wrote its fields does not make another request
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => [key, sorted(inner)]))
}
