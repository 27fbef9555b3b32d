import { timestamp } from '@letterlock/contract'
import type { secretUses } from '@letterlock/db'
import { z } from 'zod'

/** Requests of one caller with one secret version. */
export const secretCaller = z.strictObject({
  version: z.number().int(),
  /** A newer version exists: this caller still has an old one. */
  isSuperseded: z.boolean(),
  ip: z.string().nullable(),
  userAgent: z.string().nullable(),
  /** When the user agent begins with one of ours. */
  sdk: z.strictObject({ name: z.string(), version: z.string() }).nullable(),
  requests: z.number().int(),
  /** Refused because the version had retired. */
  refused: z.number().int(),
  firstSeenAt: timestamp,
  lastSeenAt: timestamp,
})

export function toSecretCaller(caller: secretUses.SecretCaller, newest: number): z.output<typeof secretCaller> {
  return {
    ...caller,
    isSuperseded: caller.version < newest,
    sdk: sdkOf(caller.userAgent),
    firstSeenAt: caller.firstSeenAt.toISOString(),
    lastSeenAt: caller.lastSeenAt.toISOString(),
  }
}

/** `letterlock-js/1.2.3`, as our clients call themselves. Whoever has the key can say so too. */
export function sdkOf(userAgent: string | null): { name: string; version: string } | null {
  const [, name, version] = /^(letterlock-[a-z]{1,20})\/(\S{1,40})/.exec(userAgent ?? '') ?? []
  return name !== undefined && version !== undefined ? { name, version } : null
}
