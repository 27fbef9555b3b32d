import { describe, expect, test } from 'vitest'
import { ConfigError, readConfig } from './config.ts'

const read = (environment: Record<string, string>) => () => readConfig(environment, '/srv')

describe('readConfig()', () => {
  test('fills in the defaults of a development server', () => {
    expect(readConfig({ PATH: '/bin' }, '/srv')).toMatchObject({
      env: 'development', dataDir: '/srv/.letterlock', databaseUrl: undefined, mailboxPort: 4025,
      api: { host: '127.0.0.1', port: 4000 }, management: { host: '127.0.0.1', port: 4001 }, roles: ['api', 'management', 'jobs'],
    })
  })
  test('suggests the nearest name for an unknown one', () => {
    expect(read({ LETTERLOCK_API_PROT: '1' })).toThrow(new ConfigError('LETTERLOCK_API_PROT is no setting of the server; did you mean LETTERLOCK_API_PORT?'))
  })
  test('lists all that production misses in one message', () => {
    expect(read({ LETTERLOCK_ENV: 'production' })).toThrow(/LETTERLOCK_PEPPERS .*\nDATABASE_URL .*\nLETTERLOCK_PUBLIC_URL /)
  })
  test.each([
    ['LETTERLOCK_API_PORT', '65536'], ['LETTERLOCK_API_PORT', '-1'], ['DATABASE_URL', 'mysql://x'], ['LETTERLOCK_ENV', 'prod'],
    ['LETTERLOCK_ROLES', 'api,cook'], ['LETTERLOCK_MAX_STALENESS', '1 s'], ['LETTERLOCK_KEY_PREFIX', 'L'], ['LETTERLOCK_PUBLIC_URL', 'example.com'],
    ['LETTERLOCK_TRUSTED_PROXIES', '10.0.0.300'], ['LETTERLOCK_DKIM', 'example.com'], ['LETTERLOCK_LOG_LEVEL', 'loud'],
  ])('refuses %s=%s by its name', (name, value) => {
    expect(read({ [name]: value })).toThrow(new RegExp(`^${name}: `))
  })
  test.each([
    [{}, 'memory', []],
    [{ REDIS_URL: 'redis://a:6379' }, 'redis', ['redis://a:6379']],
    [{ REDIS_URL: 'rediss://a, rediss://b' }, 'redis', ['rediss://a', 'rediss://b']],
    [{ LETTERLOCK_LIMITS: 'postgres' }, 'postgres', []],
  ])('counts limits of %j in %s', (environment, limits, redisUrls) => {
    expect(readConfig(environment, '/srv')).toMatchObject({ limits, redisUrls })
  })
  test.each([
    [{ LETTERLOCK_LIMITS: 'redis' }, 'LETTERLOCK_LIMITS is redis, but REDIS_URL is missing.'],
    [{ LETTERLOCK_LIMITS: 'memory', REDIS_URL: 'redis://a' }, 'LETTERLOCK_LIMITS is memory, but REDIS_URL is set; leave one of them out.'],
    [{ REDIS_URL: 'redis://a,rediss://b' }, 'REDIS_URL: expected either redis:// or rediss:// for all nodes of a Cluster'],
    [{ REDIS_URL: 'redis://a/1,redis://b/1' }, 'REDIS_URL: expected no database number; a Cluster has only number 0'],
    [{ REDIS_URL: 'http://a' }, 'REDIS_URL: expected a URL that starts with redis:// or rediss://'],
  ])('refuses %j', (environment, message) => {
    expect(read(environment as Record<string, string>)).toThrow(new ConfigError(message))
  })
  test('takes an empty variable as absent', () => {
    expect(readConfig({ DATABASE_URL: '' }, '/srv').databaseUrl).toBeUndefined()
  })
  test('leaves the settings of the client and of test runs alone', () => {
    expect(read({ LETTERLOCK_API_KEY: 'x', LETTERLOCK_BASE_URL: 'x', LETTERLOCK_TEST_POSTGRES_URL: 'x' })).not.toThrow()
  })
})
