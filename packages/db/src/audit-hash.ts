/** The hash that links a row of the audit log to the one before. */
import { createHash } from 'node:crypto'
import type { AuditEventRow } from './audit-rows.ts'

/** What the first row continues. */
export const noHash = Buffer.alloc(32)

/** SHA-256 over the hash of the row before and the canonical JSON of this row: names sorted, times in ISO 8601. */
export function hashOf(previousHash: Buffer, facts: Omit<AuditEventRow, 'hash' | 'previous_hash'>) {
  return createHash('sha256').update(previousHash).update(canonicalJson(facts)).digest()
}

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => (isPlainObject(part) ? sortNames(part) : part))
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function sortNames(object: Record<string, unknown>) {
  return Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)))
}
