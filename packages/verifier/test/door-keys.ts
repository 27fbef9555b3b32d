/** Keys of every kind for the tests of doors, and a verifier that knows them. */
import type { KeyId } from '@letterlock/contract'
import { type KeyToken, letterlockKeys } from '@letterlock/keys'
import { createVerifier, memoryLimits, type ProvenKey, type Verifier } from '../src/index.ts'
import { after, now, sampleRecord } from './samples.ts'

type Facets = Parameters<typeof sampleRecord>[0] & { secretRetiresAt?: Date; superseded?: boolean }

/** One key for each thing that can be said of one. */
const facets = {
  good: { rateLimits: [{ name: 'burst', limit: '100/10s' }, { name: 'day', limit: '5000/1d' }] },
  aging: { expiresAt: after(86_400_000), superseded: true },
  revoked: { status: 'revoked' },
  disabled: { status: 'disabled' },
  expired: { expiresAt: after(-1) },
  retired: { secretRetiresAt: after(-1), superseded: true },
  elsewhere: { ipAllow: ['10.0.0.0/8'] },
  scopeless: { scopes: ['lists:read'] },
  suspended: { workspaceStatus: 'suspended' },
  tight: { rateLimits: [{ name: 'tight', limit: '1/1m' }] },
  poor: {},
} satisfies Record<string, Facets>

type KeyName = keyof typeof facets
const names = Object.keys(facets) as KeyName[] // keys of a literal
export const keys = Object.fromEntries(names.map((name) => [name, letterlockKeys.issue({ mode: 'live' })])) as unknown as Record<KeyName, { token: KeyToken; keyId: string }>
export const outage = letterlockKeys.issue({ mode: 'live' }).token
export const unknown = letterlockKeys.issue({ mode: 'live' }).token
export const root = letterlockKeys.issue({ mode: 'root' }).token

const provenKeys = new Map<string, ProvenKey>(names.map((name) => {
  const { secretRetiresAt, superseded = false, ...change }: Facets = facets[name]
  const keyId = keys[name].keyId as KeyId // one shape, two brands
  return [keys[name].token, { record: sampleRecord({ ...change, keyId }), secretVersion: 1, superseded, secretRetiresAt: secretRetiresAt ?? null }]
}))

export async function startVerifier(): Promise<Verifier> {
  const verifier = createVerifier({
    keyFormat: letterlockKeys,
    proveToken: async ({ token }) => {
      if (token === outage) throw new Error('the store is out')
      return { revision: 7, key: provenKeys.get(token) ?? null }
    },
    pollChanges: async () => ({ revision: 7, changes: [] }),
    takeTokens: memoryLimits({ clock: () => now }).takeTokens,
    takeQuota: async () => ({ ok: false, limit: 10, used: 10, resetsAt: after(60_000) }),
    clock: () => now,
    monotonic: () => performance.now(),
  })
  await verifier.start()
  return verifier
}
