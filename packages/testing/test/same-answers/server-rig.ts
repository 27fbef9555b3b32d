import { productScopeNames } from '@letterlock/contract'
import { createSite, startServerProcess } from '@letterlock/e2e/server-process'
import { setTimeout as wait } from 'node:timers/promises'
import type { NewKey } from '../../src/index.ts'
import type { Rig, RigKey } from './rig.ts'

/** A server as people start it; `rig()` is a workspace of its own there. */
export async function startRealServer(): Promise<{ readonly rig: () => Promise<Rig>; readonly stop: () => Promise<void> }> {
  const site = await createSite()
  const server = await startServerProcess(site).catch((error: unknown) => {
    site.remove()
    throw error
  })
  const { apiUrl: url, managementUrl, mailboxUrl, rootKey } = server.dev()
  return { rig, stop: () => server.kill('SIGTERM').then(site.remove) }

  async function rig(): Promise<Rig> {
    const { workspace: { id: workspaceId } } = await manage<{ workspace: { id: string } }>('workspaces.create', { name: 'Acme' })
    return {
      url, newKey,
      setQuotas: (quotas) => change('workspaces.update', { workspaceId, quotas }),
      setRateLimits: (rateLimits) => change('workspaces.update', { workspaceId, rateLimits }),
      suspend: () => change('workspaces.suspend', { workspaceId }),
      resume: () => change('workspaces.resume', { workspaceId }),
      pass: (seconds) => wait(seconds * 1_000 + 100),
      settle: until,
      async unsubscribe(email) {
        const { data } = (await (await fetch(`${mailboxUrl}/messages?to=${encodeURIComponent(email)}`)).json()) as { data: { headers: Record<string, string> }[] }
        const link = /^<(.*)>$/.exec(data[0]?.headers['list-unsubscribe'] ?? '')?.[1] ?? ''
        await fetch(link, { method: 'POST', body: new URLSearchParams({ 'List-Unsubscribe': 'One-Click' }) })
      },
      async requestsServed(atLeast) {
        let used = 0
        await until(async () => {
          const { meters } = await manage<{ meters: { meter: string; used: number }[] }>('usage.summary', { workspaceId }, 'GET')
          used = meters.find(({ meter }) => meter === 'api.requests')?.used ?? 0
          return used >= atLeast
        })
        return used
      },
      close: async () => {},
    }

    async function newKey({ name = 'test key', mode = 'live', scopes = productScopeNames, rateLimits = [], ipAllow = [], expires }: NewKey): Promise<RigKey> {
      const expiresIn = expires === undefined ? {} : { expiresIn: String(expires) }
      const { key: { id: keyId }, secret } = await manage<{ key: { id: string }; secret: string }>('keys.create', { workspaceId, name, mode, scopes, rateLimits, ipAllow, ...expiresIn })
      let token = secret
      return {
        token: () => token,
        async rotate(overlapSeconds) {
          token = (await change<{ secret: string }>('keys.rotate', { keyId, overlap: `${overlapSeconds}s` })).secret
        },
        revoke: () => change('keys.revoke', { keyId }),
        disable: () => change('keys.disable', { keyId }),
        enable: () => change('keys.enable', { keyId }),
        update: (changes) => change('keys.update', { keyId, ...changes }),
      }
    }

    /** A change is in force when it returns: a request that asks for the revision is answered when the node knows it. */
    async function change<T>(procedure: string, input: unknown): Promise<T> {
      const changed = await manage<T & { revision: number }>(procedure, input)
      await fetch(`${url}/v1/key`, { headers: { authorization: 'Bearer none', 'letterlock-min-revision': String(changed.revision) } })
      return changed
    }
  }

  async function manage<T>(procedure: string, input: unknown, method = 'POST'): Promise<T> {
    const json = JSON.stringify(input)
    const headers = { authorization: `Bearer ${rootKey}`, 'content-type': 'application/json' }
    const query = method === 'GET' ? `?input=${encodeURIComponent(json)}` : ''
    const response = await fetch(`${managementUrl}/trpc/${procedure}${query}`, { method, headers, ...(method === 'POST' && { body: json }) })
    const { result, error } = (await response.json()) as { result?: { data: T }; error?: unknown }
    if (!result) throw new Error(`${procedure}: ${JSON.stringify(error)}`)
    return result.data
  }
}

async function until(isDone: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await isDone()); tries++) {
    if (tries > 400) throw new Error('it is not done after 20 s')
    await wait(50)
  }
}
