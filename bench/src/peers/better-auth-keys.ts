// The API-key plugin of better-auth, in this process, in a database of its own.
import { apiKey } from '@better-auth/api-key'
import { betterAuth, type BetterAuthOptions } from 'better-auth'
import { getMigrations } from 'better-auth/db/migration'
import { Pool } from 'pg'

type PluginOptions = NonNullable<Exclude<Parameters<typeof apiKey>[0], readonly unknown[]>>

export interface BetterAuthKeys {
  readonly pool: Pool
  readonly createKeys: (count: number) => Promise<string[]>
  readonly verify: (key: string) => Promise<boolean>
}

/**
 * As shipped, but for the limit: 10 requests a day is the default, so each key may do a billion.
 * @param options.plugin its settings
 */
export async function openBetterAuth(
  closers: AsyncDisposableStack, { connectionString, max, plugin }: { connectionString: string; max: number; plugin?: PluginOptions },
): Promise<BetterAuthKeys> {
  const pool = new Pool({ connectionString, max })
  closers.defer(() => pool.end())
  const options = {
    database: pool,
    secret: 'a secret that protects nothing here', baseURL: 'http://127.0.0.1',
    logger: { disabled: true }, telemetry: { enabled: false },
    advanced: { backgroundTasks: { handler: (task) => void task.catch(() => undefined) } },
    plugins: [apiKey({ rateLimit: { enabled: true, maxRequests: 1_000_000_000 }, ...plugin })],
  } satisfies BetterAuthOptions
  await (await getMigrations(options)).runMigrations()
  const auth = betterAuth(options)
  const { adapter } = await auth.$context
  const user = { email: `${crypto.randomUUID()}@example.com`, name: 'Benchmark', emailVerified: true, createdAt: new Date(), updatedAt: new Date() }
  const { id: userId } = await adapter.create<typeof user, typeof user & { id: string }>({ model: 'user', data: user })
  return {
    pool,
    async createKeys(count) {
      const keys = []
      for (let i = 0; i < count; i++) keys.push((await auth.api.createApiKey({ body: { userId, permissions: { contacts: ['read'] } } })).key)
      return keys
    },
    async verify(key) {
      const { valid } = await auth.api.verifyApiKey({ body: { key, permissions: { contacts: ['read'] } } })
      return valid
    },
  }
}
