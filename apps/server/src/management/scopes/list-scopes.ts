import { productScopes, rootScopes } from '@letterlock/contract'
import { z } from 'zod'
import { encodeNumberCursor, toPage } from '../../http/cursor.ts'
import { numberOf, pageInput, pageOutput } from '../page.ts'
import { procedureFor } from '../procedure.ts'

const scope = z.strictObject({ name: z.string(), allows: z.string(), grantedTo: z.enum(['key', 'rootKey']) })

const input = z.strictObject({ ...pageInput, limit: pageInput.limit.default(100) })

/** The scope registry: what can be granted to keys, then what can be granted to root keys. */
export function listScopes() {
  return procedureFor('scopes:read')
    .input(input.prefault({}))
    .output(pageOutput(scope))
    .query(({ input: { limit, cursor } }) => {
      const rows = registry.slice((numberOf(cursor) ?? -1) + 1) // the registry is part of the program: its rows keep their places
      return toPage(rows, limit, { cursorOf: ({ place }) => encodeNumberCursor(place), answer: ({ place: _, ...row }) => row })
    })
}

const registry = [...rowsOf(productScopes, 'key'), ...rowsOf(rootScopes, 'rootKey')].map((row, place) => ({ ...row, place }))

function rowsOf(scopes: Record<string, string>, grantedTo: 'key' | 'rootKey') {
  return Object.entries(scopes).map(([name, allows]) => ({ name, allows, grantedTo }))
}
