import { productScopes, rootScopes } from '@letterlock/contract'
import { z } from 'zod'
import { procedureFor } from '../procedure.ts'

const scope = z.strictObject({ name: z.string(), allows: z.string(), grantedTo: z.enum(['key', 'rootKey']) })

/** The scope registry: what can be granted to keys and to root keys. */
export function listScopes() {
  return procedureFor('scopes:read')
    .input(z.strictObject({}).prefault({}))
    .output(z.strictObject({ data: z.array(scope) }))
    .query(() => ({ data: [...rowsOf(productScopes, 'key'), ...rowsOf(rootScopes, 'rootKey')] }))
}

function rowsOf(scopes: Record<string, string>, grantedTo: 'key' | 'rootKey') {
  return Object.entries(scopes).map(([name, allows]) => ({ name, allows, grantedTo }))
}
