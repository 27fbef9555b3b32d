// The two procedures of the management API that this example needs; plain JSON on the wire.
export interface NewKey {
  readonly workspaceId: string
  readonly name: string
  readonly scopes: readonly string[]
  readonly rateLimits: readonly { name: string; limit: string }[]
}

export function manage(managementUrl: string, rootKey: string) {
  async function call<T>(procedure: string, input: object): Promise<T> {
    const response = await fetch(`${managementUrl}/trpc/${procedure}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${rootKey}`, 'content-type': 'application/json' },
      body: JSON.stringify(input),
    })
    const { result, error } = (await response.json()) as { result?: { data: T }; error?: unknown }
    if (!result) throw new Error(`${procedure}: ${JSON.stringify(error)}`)
    return result.data
  }
  return {
    createKey: (wish: NewKey) => call<{ key: { id: string }; secret: string }>('keys.create', { mode: 'live', ...wish }),
    revokeKey: async (keyId: string) => (await call<{ revision: number }>('keys.revoke', { keyId })).revision,
  }
}
