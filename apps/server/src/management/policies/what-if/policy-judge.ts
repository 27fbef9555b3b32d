import { type KeyId, parseDuration } from '@letterlock/contract'
import type { keys, policies } from '@letterlock/db'
import { violationsOf } from '../policy-rules.ts'
import { toRuledKey } from '../refuse-violations.ts'
import { allOf, scopeOf } from './judges.ts'
import type { Cause, Judge, Tally } from './replay.ts'

/** Finds a key of which a request is shown. */
export type KeyOf = (keyId: KeyId) => keys.WorkspaceKeyRow | undefined

/** Stops what the rules of a policy would have stopped, had they held since the keys were made; uses before `from` are not known. */
export function policyJudge(rules: policies.PolicyRules, { keyOf, from }: { keyOf: KeyOf; from: Date }): Judge {
  return allOf([lifetimeJudge(rules, keyOf), unusedJudge(rules, { keyOf, from }), combinationsJudge(rules, keyOf)])
}

function lifetimeJudge({ maxLifetime }: policies.PolicyRules, keyOf: KeyOf): Judge {
  if (maxLifetime === undefined) return () => []
  const cause = { rule: 'maxLifetime', message: `the key would have ended ${maxLifetime} after its end was chosen` }
  return ({ keyId, at }) => {
    const key = keyOf(keyId)
    return key && at.getTime() >= (key.end_set_at ?? key.created_at).getTime() + msOf(maxLifetime) ? [cause] : []
  }
}

function unusedJudge({ whenUnused }: policies.PolicyRules, { keyOf, from }: { keyOf: KeyOf; from: Date }): Judge {
  if (!whenUnused) return () => []
  const ended = whenUnused.do === 'disable' ? 'disabled' : 'revoked'
  const cause = { rule: 'whenUnused', message: `unused for ${whenUnused.for}, the key would have been ${ended}` }
  const silentAt = new Map<KeyId, number>()
  return ({ keyId, at }) => {
    const end = silentAt.get(keyId) ?? Math.max(from.getTime(), keyOf(keyId)?.created_at.getTime() ?? 0) + msOf(whenUnused.for)
    const isEnded = at.getTime() >= end
    silentAt.set(keyId, isEnded ? end : at.getTime() + msOf(whenUnused.for))
    return isEnded ? [cause] : []
  }
}

/** Counts what a key does by each scope of a combination that it has; `findingsOf` decides which of them it gives up. */
function combinationsJudge({ forbiddenScopes = [] }: policies.PolicyRules, keyOf: KeyOf): Judge {
  return ({ keyId, operation }) => {
    const [scope, key] = [scopeOf(operation), keyOf(keyId)]
    if (scope === null || !key) return []
    return heldBy(key, forbiddenScopes).filter((combination) => combination.includes(scope)).map((combination) => without(scope, combination))
  }
}

/** What is found of a key. */
export type Finding = Pick<Tally, 'keyId' | 'rule' | 'message' | 'stopped'> & Partial<Pick<Tally, 'first' | 'last' | 'samples'>>

/**
 * What a policy would have stopped, and what the keys break now though it stops none of their requests. A key that has a
 * forbidden combination gives up the scope of it that it used least.
 */
export function findingsOf(
  rules: policies.PolicyRules, { rows, tallies, now }: { rows: readonly keys.WorkspaceKeyRow[]; tallies: readonly Tally[]; now: Date },
): Finding[] {
  const ofKey = Map.groupBy(tallies, ({ keyId }) => keyId)
  const nothing = (keyId: KeyId, cause: Cause): Finding => ({ keyId, ...cause, stopped: 0 })
  return rows.flatMap((row): Finding[] => {
    const found = (ofKey.get(row.id) ?? []).filter(({ rule }) => rule !== 'forbiddenScopes')
    const broken = violationsOf(rules, toRuledKey(row), now)
      .filter(({ rule }) => rule !== 'forbiddenScopes' && !found.some((tally) => tally.rule === rule))
      .map(({ rule, message }) => nothing(row.id, { rule, message }))
    const given = heldBy(row, rules.forbiddenScopes ?? []).flatMap((combination) => {
      const each = combination.map((scope): Finding => {
        const cause = without(scope, combination)
        return ofKey.get(row.id)?.find(({ message }) => message === cause.message) ?? nothing(row.id, cause)
      })
      return each.sort((one, other) => one.stopped - other.stopped).slice(0, 1)
    })
    return [...found, ...broken, ...given]
  })
}

function heldBy(row: keys.WorkspaceKeyRow, combinations: readonly (readonly string[])[]): readonly (readonly string[])[] {
  const { scopes } = toRuledKey(row)
  return combinations.filter((combination) => combination.every((scope) => scopes.includes(scope)))
}

function without(scope: string, combination: readonly string[]): Cause {
  return { rule: 'forbiddenScopes', message: `without ${scope}, which it used least of ${combination.join(' and ')}` }
}

const msOf = (text: string) => parseDuration(text) ?? Infinity // texts were parsed when they were given
