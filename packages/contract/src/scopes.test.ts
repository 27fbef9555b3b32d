import { assert, constantFrom, property, string } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isProductScope, isRootScope, nearestName, productScopeNames, rootScopeNames } from './scopes.ts'

describe('scopes', () => {
  test.each([...productScopeNames, ...rootScopeNames])('%s is resource:action', (scope) => {
    expect(scope).toMatch(/^[a-z][A-Za-z]*:(read|write|send)$/)
  })

  test('a product scope is no root scope', () => {
    expect(productScopeNames.filter(isRootScope)).toEqual([])
    expect(rootScopeNames.filter(isProductScope)).toEqual([])
    expect(productScopeNames.every(isProductScope)).toBe(true)
    expect(rootScopeNames.every(isRootScope)).toBe(true)
  })

  test.each(['', 'contacts', 'contacts:*', 'Contacts:read', 'toString', '__proto__', 'constructor'])('%j is no scope', (text) => {
    expect(isProductScope(text)).toBe(false)
    expect(isRootScope(text)).toBe(false)
  })
})

describe('nearestName()', () => {
  test.each([
    ['contact:read', 'contacts:read'],
    ['contacts:reda', 'contacts:read'],
    ['campaign:sned', 'campaigns:send'],
    ['contacts:write', 'contacts:write'],
    ['emails-send', 'emails:send'],
  ])('%s means %s', (text, name) => {
    expect(nearestName(text, productScopeNames)).toBe(name)
  })

  test.each(['', 'billing:administrate', 'x'.repeat(500)])('%j means nothing', (text) => {
    expect(nearestName(text, productScopeNames)).toBeNull()
  })

  test('finds a name after any one change, and is null without names', () => {
    assert(property(constantFrom(...productScopeNames), string({ minLength: 1, maxLength: 1 }), (name, character) => {
      expect(nearestName(name + character, [name])).toBe(name)
      expect(nearestName(character + name.slice(1), [name])).toBe(name)
      expect(nearestName(name, [])).toBeNull()
    }))
  })
})
