import type { EnvironmentId, KeyId } from '@letterlock/contract'

/** One request, after its answer. */
export interface RecordedUse {
  readonly requestId: string
  /** Whose key was proven; null when none was. */
  readonly key: { readonly keyId: KeyId; readonly environmentId: EnvironmentId } | null
  /** Which key the request claimed to bear, when none was proven. */
  readonly claimedKeyId?: string | null
  /** 1 or more; null when it is not known. */
  readonly secretVersion?: number | null
  readonly operation: string
  /** `ok` or an error code. */
  readonly outcome: string
  /** Of HTTP. */
  readonly status: number
  readonly now: Date
  readonly durationMs: number
  readonly ip: string | null
  /** The first 200 characters are kept. */
  readonly userAgent: string | null
}

/** So many requests of one key to one operation with one outcome within one minute. */
export interface UsageCount {
  readonly environmentId: EnvironmentId
  readonly keyId: KeyId
  readonly operation: string
  readonly outcome: string
  /** The start of the minute. */
  readonly minute: Date
  requests: number
  /** How many of them have no record, because there was no room for it. */
  dropped: number
}
