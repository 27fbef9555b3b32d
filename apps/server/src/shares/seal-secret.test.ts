import { newId } from '@letterlock/contract'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { lookupOf, sealSecret, unsealSecret } from './seal-secret.ts'

const id = newId('secretShare')
const unauthentic = 'unable to authenticate data'

describe('sealSecret()', () => {
  test('gives back any secret to its own link', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme', maxLength: 600 }), (secret) => {
      const { linkToken, lookup, sealed } = sealSecret(secret, id)
      expect(unsealSecret(sealed, { linkToken, id })).toBe(secret)
      expect(lookupOf(linkToken)).toEqual(lookup)
    }))
  })

  test('never makes the same link, lookup or seal twice', () => {
    const made = Array.from({ length: 100 }, () => sealSecret('same', id))
    for (const part of ['linkToken', 'lookup', 'sealed'] as const) {
      expect(new Set(made.map((each) => Buffer.from(each[part]).toString('hex'))).size).toBe(100)
    }
  })

  test('leaves neither the secret nor the key of the seal in what is stored', () => {
    const { linkToken, lookup, sealed } = sealSecret('a secret to be found', id)
    const stored = Buffer.concat([lookup, sealed])
    expect(stored.includes('secret')).toBe(false)
    expect(stored.includes(Buffer.from(linkToken, 'base64url'))).toBe(false)
    expect(() => unsealSecret(sealed, { linkToken: Buffer.from(lookup).toString('base64url'), id })).toThrow(unauthentic)
  })
})

describe('unsealSecret()', () => {
  test('opens nothing with another link, for another share, or when one bit was changed', () => {
    const { linkToken, sealed } = sealSecret('secret', id)
    expect(() => unsealSecret(sealed, { linkToken: sealSecret('x', id).linkToken, id })).toThrow(unauthentic)
    expect(() => unsealSecret(sealed, { linkToken, id: newId('secretShare') })).toThrow(unauthentic)
    for (let at = 0; at < sealed.length; at++) {
      const changed = Uint8Array.from(sealed, (byte, index) => (index === at ? byte ^ 1 : byte))
      expect(() => unsealSecret(changed, { linkToken, id })).toThrow(unauthentic)
    }
    expect(() => unsealSecret(sealed.subarray(1), { linkToken, id })).toThrow(unauthentic)
  })
})

test.each(['', 'x', 'A'.repeat(42), 'A'.repeat(44), `${'A'.repeat(42)}B`, `${'A'.repeat(42)}=`, `${'A'.repeat(42)}\n`])('lookupOf() knows that %j is no link token', (text) => {
  expect(lookupOf(text)).toBeNull()
})
