/** The one registry of scopes; a scope that is not here cannot be granted. */

/** Scopes of API keys, with what they allow. */
export const productScopes = {
  'contacts:read': 'Read contacts.',
  'contacts:write': 'Create, change and delete contacts.',
  'properties:read': 'Read which properties of contacts are declared.',
  'properties:write': 'Declare, change and archive properties of contacts.',
  'lists:read': 'Read lists.',
  'lists:write': 'Create, change and delete lists and their members.',
  'campaigns:read': 'Read campaigns, their statistics and recipients.',
  'campaigns:write': 'Create, change and delete campaigns.',
  'campaigns:send': 'Send campaigns.',
  'emails:read': 'Read transactional e-mails.',
  'emails:send': 'Send transactional e-mails.',
  'usage:read': 'Read usage and quotas.',
} as const

export type ProductScope = keyof typeof productScopes

/** Scopes of root keys, with what they allow. */
export const rootScopes = {
  'alerts:read': 'Read alerts.',
  'alerts:write': 'Acknowledge alerts.',
  'audit:read': 'Read, verify and export the audit log.',
  'workspaces:read': 'Read workspaces.',
  'workspaces:write': 'Create and change workspaces.',
  'keys:read': 'Read API keys; never their secrets.',
  'keys:write': 'Create, change, rotate and revoke API keys.',
  'policies:read': 'Read policies of keys, and which keys break them.',
  'policies:write': 'Set policies of keys.',
  'roles:read': 'Read roles.',
  'roles:write': 'Create, change and delete roles.',
  'plans:read': 'Read plans.',
  'plans:write': 'Create and change plans, and assign them to workspaces.',
  'statements:read': 'Read what workspaces owe for each month.',
  'usageRecords:read': 'Read usage of all workspaces: sums, requests, attempts, and for how long they are kept.',
  'usageRecords:write': 'Set for how long usage is kept.',
  'verifier:read': 'Verify API keys, and follow what changes about them.',
  'rootKeys:read': 'Read root keys; never their secrets.',
  'rootKeys:write': 'Create, rotate and revoke root keys.',
  'scopes:read': 'Read the scope registry.',
} as const

export type RootScope = keyof typeof rootScopes

export const productScopeNames = Object.keys(productScopes) as readonly ProductScope[] // keys of a literal
export const rootScopeNames = Object.keys(rootScopes) as readonly RootScope[] // keys of a literal

export function isProductScope(text: string): text is ProductScope {
  return Object.hasOwn(productScopes, text)
}

export function isRootScope(text: string): text is RootScope {
  return Object.hasOwn(rootScopes, text)
}

/** The registered name nearest to a mistyped one, or null when none is near (edit distance over 4). */
export function nearestName(text: string, names: readonly string[]): string | null {
  const ranked = names.map((name) => ({ name, distance: editDistance(text, name) })).sort((a, b) => a.distance - b.distance)
  const best = ranked[0]
  return best && best.distance <= 4 ? best.name : null
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, substitution))
    }
    row = next
  }
  return row[b.length] ?? 0
}
