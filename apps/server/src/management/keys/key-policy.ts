import { nearestName, parseDuration } from '@letterlock/contract'
import { parseAddressRange, parseNamedLimit } from '@letterlock/verifier'
import { z } from 'zod'

/** Scopes out of a registry, each once; a mistyped one is answered with the nearest. */
export function scopeList(names: readonly string[]) {
  return z
    .array(z.string().max(100))
    .max(100)
    .superRefine((scopes, context) => {
      for (const [index, scope] of scopes.entries()) {
        if (!names.includes(scope)) context.addIssue({ code: 'custom', path: [index], message: unknownScope(scope, names) })
      }
    })
    .transform((scopes) => [...new Set(scopes)])
}

/** A scope out of a registry; a mistyped one is answered with the nearest. */
export function scopeName(names: readonly string[]) {
  return z.string().max(100).superRefine((scope, context) => {
    if (!names.includes(scope)) context.addIssue({ code: 'custom', message: unknownScope(scope, names) })
  })
}

/** A life of a key, `90d`: 1 second to 10 years. Given back in milliseconds. */
export const lifetime = z
  .string()
  .max(20)
  .transform((text, context) => {
    const ms = parseDuration(text)
    if (ms !== null && ms >= 1_000 && ms <= 3_660 * 86_400_000) return ms
    context.addIssue('expected a duration from 1s to 3660d, such as 90d')
    return z.NEVER
  })

/** Addresses and CIDR ranges, given back in canonical form, each once. */
export const ipAllow = z
  .array(
    z.string().max(64).transform((text, context) => {
      const range = parseAddressRange(text)
      if (range) return range.text
      context.addIssue('expected an address or a range such as 203.0.113.0/24 or 2001:db8::/32')
      return z.NEVER
    }),
  )
  .max(100)
  .transform((ranges) => [...new Set(ranges)])

/** Named rate limits that apply together; names are unique, and none looks like that of another level on the wire. */
export const rateLimits = z
  .array(
    z
      .strictObject({ name: z.string().max(64), limit: z.string().max(40), burst: z.number().int().min(1).max(1_000_000_000).optional() })
      .transform(({ name, limit, burst }) => ({ name, limit, ...(burst !== undefined && { burst }) }))
      .superRefine((limit, context) => {
        if (!parseNamedLimit('', { ...limit, name: 'x' })) {
          context.addIssue({ code: 'custom', path: ['limit'], message: 'expected a limit such as 100/10s' })
        }
        if (!parseNamedLimit('', { name: limit.name, limit: '1/1s' })) {
          context.addIssue({ code: 'custom', path: ['name'], message: 'expected 1 to 64 letters, digits, "_", "-" or "."' })
        }
        if (/^(workspace|plan)\./.test(limit.name)) {
          context.addIssue({ code: 'custom', path: ['name'], message: 'names of limits of workspaces and plans begin with workspace. and plan.; choose another' })
        }
      }),
  )
  .max(10)
  .superRefine((limits, context) => {
    const names = limits.map(({ name }) => name)
    const twice = names.findIndex((name, index) => names.indexOf(name) !== index)
    if (twice !== -1) context.addIssue({ code: 'custom', path: [twice, 'name'], message: 'another limit has this name' })
  })

/** When a key that is made now expires; null: never. */
export function expiryOf(lifetimeMs: number | undefined, now: Date): Date | null {
  return lifetimeMs === undefined ? null : new Date(now.getTime() + lifetimeMs)
}

function unknownScope(scope: string, names: readonly string[]) {
  const nearest = nearestName(scope, names)
  return nearest ? `unknown scope; did you mean ${nearest}?` : 'unknown scope; scopes.list has them all'
}
