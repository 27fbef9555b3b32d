import { newId, type WorkspaceId } from '@letterlock/contract'
import { describe, expect, test } from 'vitest'
import { sampleRecord } from '../../test/samples.ts'
import { keyRecord } from './key-record.ts'

const one = [{ name: 'burst', limit: '5/1s' }]

describe('keyRecord()', () => {
  test('throws on a stored policy that cannot be read, and names the key', () => {
    const record = sampleRecord()
    expect(() => keyRecord(record, { ipAllow: ['10.0.0.0/99'], rateLimits: [] })).toThrow(record.keyId)
    expect(() => keyRecord(record, { ipAllow: [], rateLimits: [{ name: 'a', limit: 'much' }] })).toThrow(record.keyId)
    expect(() => keyRecord(record, { ipAllow: [], rateLimits: [], planRateLimits: [{ name: 'a', limit: 'much' }] })).toThrow(record.keyId)
  })

  test('applies the limits of key, workspace and plan together, and tells them apart by name', () => {
    const { rateLimits, keyId, environmentId } = sampleRecord({ rateLimits: one, workspaceRateLimits: one, planRateLimits: one })
    expect(rateLimits.map(({ name, bucket }) => [name, bucket])).toEqual([
      ['burst', `{${environmentId}}/${keyId}/burst/5/1000`],
      ['workspace.burst', `{${environmentId}}/workspace/burst/5/1000`],
      ['plan.burst', `{${environmentId}}/plan/burst/5/1000`],
    ])
  })

  test('admits the longest name on every level', () => {
    const long = [{ name: 'a'.repeat(64), limit: '5/1s' }]
    expect(sampleRecord({ workspaceRateLimits: long }).rateLimits[0]?.name).toBe(`workspace.${'a'.repeat(64)}`)
  })

  test('counts a root key under its own id', () => {
    const { rateLimits, keyId } = sampleRecord({ mode: 'root', workspaceId: null, environmentId: null })
    expect(rateLimits[0]?.bucket).toBe(`{${keyId}}/${keyId}/default/1000/10000`)
  })

  test.each([
    ['key', { rateLimits: one }],
    ['workspace', { workspaceRateLimits: one }],
    ['plan', { planRateLimits: one }],
  ])('applies the default limit only when there is none: not beside one of the %s', (_, limits) => {
    expect(sampleRecord(limits).rateLimits).toHaveLength(1)
    expect(sampleRecord(limits).rateLimits[0]?.name).not.toBe('default')
  })

  test('depends on its workspace without being told', () => {
    const workspaceId = newId('workspace') as WorkspaceId
    expect(sampleRecord({ workspaceId, dependsOn: ['plan_a', workspaceId] }).dependsOn).toEqual([workspaceId, 'plan_a'])
    expect(sampleRecord({ workspaceId: null }).dependsOn).toEqual([])
  })
})
