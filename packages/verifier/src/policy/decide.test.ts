import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { after, now, sampleRecord } from '../../test/samples.ts'
import type { Ask, ProvenKey } from './ask.ts'
import { decide } from './decide.ts'
import { explain } from './explain.ts'

type Facets = Parameters<typeof sampleRecord>[0] & { readonly secretRetiresAt?: Date | null; readonly superseded?: boolean }

function proven({ secretRetiresAt = null, superseded = false, ...record }: Facets = {}): ProvenKey {
  return { record: sampleRecord(record), secretVersion: 1, superseded, secretRetiresAt }
}

const ask: Ask = { scope: 'contacts:read', ip: '192.0.2.7' }
const scopeNames = ['contacts:read', 'contacts:write', 'lists:read', 'emails:send']
const ranges = ['192.0.2.0/24', '10.0.0.0/8', '2001:db8::/32', '0.0.0.0/0', '::/0']
const moment = fc.option(fc.integer({ min: -5, max: 5 }).map(after))

const facets = fc.record<Facets>({
  status: fc.constantFrom('active', 'active', 'disabled', 'quarantined', 'revoked'),
  workspaceStatus: fc.constantFrom('active', 'active', 'suspended'),
  expiresAt: moment,
  secretRetiresAt: moment,
  scopes: fc.subarray(scopeNames),
  ipAllow: fc.subarray(ranges),
})
const narrowings = fc.record({ scopes: fc.subarray(scopeNames), kept: fc.subarray(ranges, { minLength: 1 }), ms: fc.nat(9) })
const asks = fc.record<Ask>({
  scope: fc.option(fc.oneof(fc.constantFrom(...scopeNames), fc.string())),
  ip: fc.option(fc.oneof(fc.constantFrom('192.0.2.7', '10.0.0.1', '::ffff:10.0.0.1', '2001:db8::1', '::1'), fc.ipV4(), fc.ipV6(), fc.string())),
})

describe('decide()', () => {
  test('allows an active key its scope, and says with which secret', () => {
    const key = proven({ superseded: true })
    expect(decide(key, ask, now)).toEqual({ code: 'ok', record: key.record, secretVersion: 1, superseded: true, secretRetiresAt: null })
  })

  test('allows every key what needs no scope', () => {
    expect(decide(proven({ scopes: [] }), { ...ask, scope: null }, now).code).toBe('ok')
  })

  test('names the missing scope and the present ones', () => {
    expect(decide(proven(), { ...ask, scope: 'lists:read' }, now)).toMatchObject({
      code: 'insufficient_scope', requiredScope: 'lists:read', keyScopes: ['contacts:read'],
    })
  })

  test.each<[string, Facets, string]>([
    ['what its scopes allow', {}, 'ok'],
    ['a scope that is left out', { scopes: ['lists:read'] }, 'key_quarantined'],
    ['another address', { ipAllow: ['10.0.0.0/8'] }, 'key_quarantined'],
    ['its end', { expiresAt: now }, 'expired_key'],
  ])('says of a key in quarantine that it is, where its policy refuses: %s', (_, facet, code) => {
    const decision = decide(proven({ ...facet, status: 'quarantined' }), ask, now)
    expect(decision.code).toBe(code)
    expect(explain(proven({ status: 'quarantined' }), ask, now)[0]).toEqual({ check: 'status', passed: true, detail: expect.stringContaining('quarantine') })
  })

  // each row adds a reason that is checked earlier
  const order: [string, Facets, string | null][] = [
    ['insufficient_scope', { scopes: [] }, '192.0.2.7'],
    ['ip_not_allowed', { scopes: [], ipAllow: ['10.0.0.0/8'] }, '192.0.2.7'],
    ['retired_secret', { scopes: [], ipAllow: ['10.0.0.0/8'], secretRetiresAt: now }, null],
    ['expired_key', { scopes: [], ipAllow: ['10.0.0.0/8'], secretRetiresAt: now, expiresAt: now }, null],
    ['workspace_suspended', { workspaceStatus: 'suspended', secretRetiresAt: now, expiresAt: now }, null],
    ['disabled_key', { status: 'disabled', workspaceStatus: 'suspended', expiresAt: now }, null],
    ['revoked_key', { status: 'revoked', workspaceStatus: 'suspended', expiresAt: now }, null],
  ]
  test.each(order)('answers %s before all that is checked later', (code, facet, ip) => {
    expect(decide(proven(facet), { scope: 'contacts:read', ip }, now).code).toBe(code)
  })

  test.each([
    ['expires now', { expiresAt: now }, 'expired_key'],
    ['expired a millisecond ago', { expiresAt: after(-1) }, 'expired_key'],
    ['expires in a millisecond', { expiresAt: after(1) }, 'ok'],
    ['has a secret that retires now', { secretRetiresAt: now }, 'retired_secret'],
    ['has a secret that retired a millisecond ago', { secretRetiresAt: after(-1) }, 'retired_secret'],
    ['has a secret that retires in a millisecond', { secretRetiresAt: after(1) }, 'ok'],
  ])('of a key that %s', (_, facet, code) => {
    expect(decide(proven(facet), ask, now).code).toBe(code)
  })

  test.each([
    ['an unknown address', null, 'ip_not_allowed'],
    ['an unreadable address', 'unknown', 'ip_not_allowed'],
    ['an address outside', '192.0.3.1', 'ip_not_allowed'],
    ['an address inside', '192.0.2.255', 'ok'],
    ['an address inside, as a dual-stack socket says it', '::ffff:192.0.2.1', 'ok'],
  ])('with an allow-list, of %s', (_, ip, code) => {
    expect(decide(proven({ ipAllow: ['192.0.2.0/24'] }), { ...ask, ip }, now).code).toBe(code)
  })

  test('lets any single reason to deny win, whatever else holds', () => {
    const reasons: Facets[] = [
      { status: 'revoked' }, { status: 'disabled' }, { workspaceStatus: 'suspended' }, { expiresAt: now }, { secretRetiresAt: after(-9) },
      { ipAllow: ['203.0.113.1'] }, { scopes: [] },
    ]
    fc.assert(
      fc.property(facets, fc.constantFrom(...reasons), (facet, reason) => {
        expect(decide(proven({ ...facet, ...reason }), ask, now).code).not.toBe('ok')
      }),
    )
  })

  test('allows nothing more with fewer scopes, fewer ranges or a later time', () => {
    fc.assert(
      fc.property(facets, asks, narrowings, (facet, anyAsk, { scopes, kept, ms }) => {
        const full = { ...facet, ipAllow: [...new Set([...(facet.ipAllow ?? []), ...kept])] }
        const narrowed = { ...full, scopes: scopes.filter((scope) => full.scopes?.includes(scope)), ipAllow: kept }
        const isAllowed = (facets: Facets, at: Date) => decide(proven(facets), anyAsk, at).code === 'ok'
        expect([isAllowed(narrowed, after(ms)), isAllowed(full, now)]).not.toEqual([true, false])
      }),
      { numRuns: 500 },
    )
  })

  test('never throws, whatever is asked', () => {
    fc.assert(fc.property(facets, asks, (facet, anyAsk) => typeof decide(proven(facet), anyAsk, now).code === 'string'))
  })
})

describe('explain()', () => {
  const checkOf: Record<string, string> = {
    revoked_key: 'status', disabled_key: 'status', workspace_suspended: 'workspace', expired_key: 'expiry', retired_secret: 'secret',
    ip_not_allowed: 'ip', insufficient_scope: 'scope',
  }

  test('agrees with decide(): its first failed check is the reason, and all pass when it is ok', () => {
    fc.assert(
      fc.property(facets, asks, (facet, anyAsk) => {
        const decision = decide(proven(facet), anyAsk, now)
        const failed = explain(proven(facet), anyAsk, now).find(({ passed }) => !passed)
        if (decision.code === 'key_quarantined') expect(['ip', 'scope']).toContain(failed?.check)
        else expect(failed?.check).toBe(checkOf[decision.code])
        if (decision.code !== 'ok') expect(decision.explanation).toBe(failed?.detail)
      }),
      { numRuns: 500 },
    )
  })

  test('lists all checks, those that are not reached by decide() too', () => {
    const key = proven({ status: 'revoked', expiresAt: after(-1), ipAllow: ['192.0.2.0/24'] })
    expect(explain(key, { scope: 'lists:read', ip: '192.0.2.7' }, now)).toEqual([
      { check: 'status', passed: false, detail: 'The key was revoked.' },
      { check: 'workspace', passed: true, detail: 'The workspace of the key is active.' },
      { check: 'expiry', passed: false, detail: 'The key expired at 2026-11-22T09:29:59.999Z.' },
      { check: 'secret', passed: true, detail: 'Version 1 of the secret is in force.' },
      { check: 'ip', passed: true, detail: 'The address 192.0.2.7 is in the allow-list of the key.' },
      { check: 'scope', passed: false, detail: 'The key lacks the scope lists:read.' },
    ])
  })

  test('does not repeat an address that cannot be read', () => {
    const key = proven({ ipAllow: ['192.0.2.0/24'] })
    for (const ip of [null, '<script>']) {
      expect(decide(key, { ...ask, ip }, now)).toMatchObject({ explanation: 'The address of the caller, which is not known, is not in the allow-list of the key.' })
    }
  })

  test('takes a moment that is none for over', () => {
    expect(decide(proven({ expiresAt: new Date(NaN) }), ask, now)).toMatchObject({ code: 'expired_key', explanation: 'The key expired at an unknown time.' })
  })
})
