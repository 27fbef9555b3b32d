import fc from 'fast-check'
import { TypeID } from 'typeid-js'
import { describe, expect, test } from 'vitest'
import { defineUnsubscribeTokens, type UnsubscribeSubject } from './unsubscribe-token.ts'

const first = { version: '1', secret: 'a'.repeat(32) }
const second = { version: '2', secret: 'b'.repeat(32) }
const tokens = defineUnsubscribeTokens([second, first])
const uuid = fc.uint8Array({ minLength: 16, maxLength: 16 })
const subjects = fc.tuple(uuid, uuid).map(([campaign, contact]) => subjectOf(campaign, contact))

describe('defineUnsubscribeTokens()', () => {
  test('reads back what it issued, in 57 characters that need no escaping in a URL', () => {
    fc.assert(fc.property(subjects, (subject) => {
      const token = tokens.issue(subject)
      expect(token).toMatch(/^2[0-9A-Za-z_-]{56}$/)
      expect(tokens.read(token)).toEqual(subject)
    }))
  })

  test('is the same token each time, and a known one for known input', () => {
    const subject = { campaignId: 'cmp_01h455vb4pex5vsknk084sn02q', contactId: 'con_01h455vb4pex5vsknk084sn02r' } as UnsubscribeSubject
    const fixed = defineUnsubscribeTokens([first]).issue(subject)
    expect(fixed).toBe(defineUnsubscribeTokens([first]).issue(subject))
    expect(fixed.slice(0, 43)).toBe('1AYkKXayWd0u8zrMCCZqAVwGJCl2slndLvM6zAgmagF')
  })

  test('refuses every single bit flip', () => {
    fc.assert(fc.property(subjects, (subject) => {
      const bytes = Buffer.from(tokens.issue(subject))
      for (let bit = 0; bit < bytes.length * 8; bit += 1) {
        const flipped = Buffer.from(bytes)
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        expect(tokens.read(flipped.toString('latin1'))).toBeNull()
      }
    }), { numRuns: 20 })
  })

  test('refuses any other text, and another spelling of the same bytes', () => {
    fc.assert(fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.base64String()), (text) => {
      expect(tokens.read(text)).toBeNull()
    }))
    fc.assert(fc.property(subjects, (subject) => {
      const token = tokens.issue(subject)
      const respelled = token.replaceAll('-', '+').replaceAll('_', '/')
      expect(tokens.read(respelled)).toEqual(respelled === token ? subject : null)
      for (const other of [`${token}=`, ` ${token}`, `${token}\n`, token.slice(0, -1)]) expect(tokens.read(other)).toBeNull()
    }))
  })

  test('still reads tokens of an old secret, and not those of a removed one', () => {
    const subject = subjectOf(new Uint8Array(16), new Uint8Array(16).fill(9))
    const old = defineUnsubscribeTokens([first]).issue(subject)
    expect(tokens.read(old)).toEqual(subject)
    expect(defineUnsubscribeTokens([second]).read(old)).toBeNull()
    expect(defineUnsubscribeTokens([{ ...second, version: '1' }]).read(old)).toBeNull()
    const twice = defineUnsubscribeTokens([first, { ...first, version: '2' }])
    expect(twice.read(`2${old.slice(1)}`)).toBeNull()
  })

  test('refuses a missing, short or doubled secret', () => {
    expect(() => defineUnsubscribeTokens([])).toThrow(TypeError)
    expect(() => defineUnsubscribeTokens([{ version: '1', secret: 'short' }])).toThrow(TypeError)
    expect(() => defineUnsubscribeTokens([{ version: '10', secret: 'a'.repeat(32) }])).toThrow(TypeError)
    expect(() => defineUnsubscribeTokens([first, { ...second, version: '1' }])).toThrow(TypeError)
  })
})

function subjectOf(campaign: Uint8Array, contact: Uint8Array): UnsubscribeSubject {
  const ids = { campaignId: TypeID.fromUUIDBytes('cmp', campaign).toString(), contactId: TypeID.fromUUIDBytes('con', contact).toString() }
  return ids as unknown as UnsubscribeSubject // TypeID knows the prefixes, not the brands
}
