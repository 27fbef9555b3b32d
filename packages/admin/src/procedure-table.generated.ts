// Made by scripts/generate.ts from the router of the management API. Change the router, not this file.

/** How each procedure is called: a query is a GET and may be repeated, a mutation is a POST. */
export const procedures = {
  advice: { accept: 'mutation', leastPrivilege: 'query', undo: 'mutation' },
  alerts: { acknowledge: 'mutation', list: 'query' },
  audit: { list: 'query', verify: 'query' },
  canaries: { create: 'mutation', list: 'query', revoke: 'mutation' },
  keys: { create: 'mutation', dependents: 'query', disable: 'mutation', drain: 'query', enable: 'mutation', get: 'query', import: 'mutation', list: 'query', quarantine: 'mutation', release: 'mutation', retireSecret: 'mutation', revoke: 'mutation', revokeMany: 'mutation', rotate: 'mutation', update: 'mutation', verify: 'mutation' },
  leaks: { blastRadius: 'query', list: 'query' },
  plans: { assign: 'mutation', create: 'mutation', list: 'query', update: 'mutation' },
  policies: { get: 'query', set: 'mutation', violations: 'query', whatIf: 'query' },
  roles: { create: 'mutation', delete: 'mutation', list: 'query', update: 'mutation' },
  rootKeys: { create: 'mutation', get: 'query', list: 'query', retireSecret: 'mutation', revoke: 'mutation', rotate: 'mutation' },
  scopes: { list: 'query' },
  shares: { create: 'mutation', list: 'query', revoke: 'mutation' },
  statements: { current: 'query', get: 'query', list: 'query', verify: 'query' },
  usage: { attempts: 'query', getRetention: 'query', requests: 'query', setRetention: 'mutation', summary: 'query', timeseries: 'query' },
  workspaces: { create: 'mutation', get: 'query', list: 'query', resume: 'mutation', suspend: 'mutation', update: 'mutation' },
} as const
