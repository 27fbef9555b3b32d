import { nearestName, parseDuration } from '@letterlock/contract'
import { parseAddressRange } from '@letterlock/verifier'
import { join, resolve } from 'node:path'
import { z } from 'zod'

export const roles = ['api', 'management', 'jobs'] as const
export type Role = (typeof roles)[number]

/** What the process was told, parsed once at the start. */
export interface Config {
  readonly env: 'development' | 'production'
  readonly dataDir: string
  /** Absent: an embedded PostgreSQL in the data directory. */
  readonly databaseUrl: string | undefined
  readonly databaseDirectUrl: string | undefined
  /** Absent: mail goes to the mailbox of the development server. */
  readonly smtpUrl: string | undefined
  readonly smtpConnections: number
  /** Absent: made at the first start and kept in the data directory (development only). */
  readonly peppers: string | undefined
  readonly api: { readonly host: string; readonly port: number }
  readonly management: { readonly host: string; readonly port: number }
  readonly mailboxPort: number
  readonly roles: readonly Role[]
  readonly publicUrl: string | undefined
  readonly trustedProxies: readonly string[]
  readonly keyPrefix: string
  readonly maxStalenessMs: number
  /** Where rate limits are counted. */
  readonly limits: 'memory' | 'redis' | 'postgres'
  /** One: a Redis or Valkey; several: nodes of a Cluster. */
  readonly redisUrls: readonly string[]
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error'
  /** Where GitHub publishes the keys that it signs its alerts of leaked secrets with. */
  readonly githubKeysUrl: string
  readonly dkim: readonly { domain: string; selector: string; keyFile: string }[]
}

/** The start is refused; the message says all that is wrong, a line each. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

const port = z.string().regex(/^\d{1,5}$/, 'expected a port number').transform(Number).refine((n) => n < 65_536, 'expected a port below 65536')
const url = (...schemes: string[]) =>
  z.string().refine((text) => URL.canParse(text) && schemes.includes(new URL(text).protocol.slice(0, -1)), {
    error: `expected a URL that starts with ${schemes.map((s) => `${s}://`).join(' or ')}`,
  })
const commaList = z.string().transform((text) => text.split(',').map((part) => part.trim()).filter(Boolean))
const duration = z.string().transform((text, context) => {
  const ms = parseDuration(text)
  if (ms === null) context.addIssue('expected a duration such as 250ms, 15m or 90d')
  return ms ?? 0
})
const addressRange = z.string().refine((text) => parseAddressRange(text) !== null, 'expected addresses or CIDR ranges')
const dkimKey = z.string().regex(/^[^:]+:[^:]+:.+$/, 'expected domain:selector:file').transform((text) => {
  const [domain = '', selector = '', ...file] = text.split(':')
  return { domain, selector, keyFile: file.join(':') }
})

const variables = {
  DATABASE_URL: url('postgres', 'postgresql').optional(),
  DATABASE_DIRECT_URL: url('postgres', 'postgresql').optional(),
  SMTP_URL: url('smtp', 'smtps').optional(),
  REDIS_URL: commaList.pipe(z.array(url('redis', 'rediss'))).default([]),
  LETTERLOCK_ENV: z.enum(['development', 'production']).default('development'),
  LETTERLOCK_DATA_DIR: z.string().min(1).default('.letterlock'),
  LETTERLOCK_PEPPERS: z.string().optional(),
  LETTERLOCK_API_HOST: z.string().min(1).default('127.0.0.1'),
  LETTERLOCK_API_PORT: port.default(4000),
  LETTERLOCK_MANAGEMENT_HOST: z.string().min(1).default('127.0.0.1'),
  LETTERLOCK_MANAGEMENT_PORT: port.default(4001),
  LETTERLOCK_SMTP_PORT: port.default(4025),
  LETTERLOCK_SMTP_CONNECTIONS: z.string().regex(/^[1-9]\d{0,2}$/, 'expected 1 to 999').transform(Number).default(10),
  LETTERLOCK_ROLES: commaList.pipe(z.array(z.enum(roles)).min(1)).default([...roles]),
  LETTERLOCK_PUBLIC_URL: url('http', 'https').optional(),
  LETTERLOCK_TRUSTED_PROXIES: commaList.pipe(z.array(addressRange)).default([]),
  LETTERLOCK_KEY_PREFIX: z.string().regex(/^[a-z][a-z0-9]{1,7}$/, 'expected 2 to 8 lowercase letters and digits').default('ll'),
  LETTERLOCK_MAX_STALENESS: duration.default(1_000),
  LETTERLOCK_LIMITS: z.enum(['memory', 'redis', 'postgres']).optional(),
  LETTERLOCK_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
  LETTERLOCK_GITHUB_KEYS_URL: url('http', 'https').default('https://api.github.com/meta/public_keys/secret_scanning'),
  LETTERLOCK_DKIM: commaList.pipe(z.array(dkimKey)).default([]),
}
const schema = z.object(variables)
const ownNames = Object.keys(variables).filter((name) => name.startsWith('LETTERLOCK_'))

/** Reads the environment. Empty variables count as absent. Throws a ConfigError that names every fault. */
export function readConfig(environment: Readonly<Record<string, string | undefined>>, cwd: string): Config {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''))
  const parsed = schema.safeParse(given)
  const faults = [...unknownNames(given), ...(parsed.success ? [...missingInProduction(parsed.data), ...limitFaults(parsed.data)] : faultsOf(parsed.error))]
  if (!parsed.success || faults.length > 0) throw new ConfigError(faults.join('\n'))
  const v = parsed.data
  return {
    env: v.LETTERLOCK_ENV,
    dataDir: resolve(cwd, v.LETTERLOCK_DATA_DIR),
    databaseUrl: v.DATABASE_URL,
    databaseDirectUrl: v.DATABASE_DIRECT_URL ?? v.DATABASE_URL,
    smtpUrl: v.SMTP_URL,
    smtpConnections: v.LETTERLOCK_SMTP_CONNECTIONS,
    peppers: v.LETTERLOCK_PEPPERS,
    api: { host: v.LETTERLOCK_API_HOST, port: v.LETTERLOCK_API_PORT },
    management: { host: v.LETTERLOCK_MANAGEMENT_HOST, port: v.LETTERLOCK_MANAGEMENT_PORT },
    mailboxPort: v.LETTERLOCK_SMTP_PORT,
    roles: v.LETTERLOCK_ROLES,
    publicUrl: v.LETTERLOCK_PUBLIC_URL?.replace(/\/+$/, ''),
    trustedProxies: v.LETTERLOCK_TRUSTED_PROXIES,
    keyPrefix: v.LETTERLOCK_KEY_PREFIX,
    maxStalenessMs: v.LETTERLOCK_MAX_STALENESS,
    limits: v.LETTERLOCK_LIMITS ?? (v.REDIS_URL.length > 0 ? 'redis' : 'memory'),
    redisUrls: v.REDIS_URL,
    logLevel: v.LETTERLOCK_LOG_LEVEL,
    githubKeysUrl: v.LETTERLOCK_GITHUB_KEYS_URL,
    dkim: v.LETTERLOCK_DKIM,
  }
}

/** Where the files of the data directory are. */
export function dataFiles(dataDir: string) {
  return {
    peppers: join(dataDir, 'peppers'),
    mailbox: join(dataDir, 'mailbox'),
    dev: join(dataDir, 'dev.json'),
    rootKey: join(dataDir, 'root-key.json'),
  }
}

function unknownNames(environment: Record<string, unknown>): string[] {
  return Object.keys(environment)
    .filter((name) => name.startsWith('LETTERLOCK_') && !ownNames.includes(name) && !foreignNames.test(name))
    .map((name) => {
      const nearest = nearestName(name, ownNames)
      return `${name} is no setting of the server${nearest ? `; did you mean ${nearest}?` : '.'}`
    })
}

// settings of the SDK and of test runs, which share the environment of a developer's shell
const foreignNames = /^LETTERLOCK_(API_KEY|BASE_URL|TEST_\w+)$/

function faultsOf(error: z.ZodError): string[] {
  return error.issues.map((issue) => `${String(issue.path[0])}: ${issue.message}`)
}

function missingInProduction(v: z.output<typeof schema>): string[] {
  if (v.LETTERLOCK_ENV !== 'production') return []
  const required = { LETTERLOCK_PEPPERS: 'v1:<32 random bytes in base64>', DATABASE_URL: 'postgres://…', LETTERLOCK_PUBLIC_URL: 'https://…' }
  return Object.entries(required)
    .filter(([name]) => v[name as keyof typeof required] === undefined)
    .map(([name, example]) => `${name} is missing; production needs it (${example}).`)
}

function limitFaults({ LETTERLOCK_LIMITS: limits, REDIS_URL: urls }: z.output<typeof schema>): string[] {
  if (urls.length === 0) return limits === 'redis' ? ['LETTERLOCK_LIMITS is redis, but REDIS_URL is missing.'] : []
  if (limits && limits !== 'redis') return [`LETTERLOCK_LIMITS is ${limits}, but REDIS_URL is set; leave one of them out.`]
  const parts = urls.map((text) => new URL(text))
  if (new Set(parts.map(({ protocol }) => protocol)).size > 1) return ['REDIS_URL: expected either redis:// or rediss:// for all nodes of a Cluster']
  const isNumbered = parts.length > 1 && parts.some(({ pathname }) => !['', '/', '/0'].includes(pathname))
  return isNumbered ? ['REDIS_URL: expected no database number; a Cluster has only number 0'] : []
}
