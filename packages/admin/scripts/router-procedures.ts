import { createManagementRouter } from '@letterlock/server/management-router'
import type { z } from 'zod'

/** What the router knows of one procedure. */
export interface RouterProcedure {
  /** `keys.create` */
  readonly name: string
  readonly router: string
  readonly method: string
  readonly type: 'query' | 'mutation'
  readonly scope: string
  readonly input: z.ZodType
  readonly output: z.ZodType
}

interface Definition {
  readonly type: string
  readonly meta?: { readonly scope?: string }
  readonly inputs: readonly z.ZodType[]
  readonly output?: z.ZodType
}

/** Every procedure of the management router, by name. Throws for one that a typed client could not call. */
export function routerProcedures(): readonly RouterProcedure[] {
  const router = createManagementRouter({} as Parameters<typeof createManagementRouter>[0]) // nothing of it is called
  const { procedures } = router._def as unknown as { procedures: Record<string, { _def: Definition }> } // tRPC's own record
  return Object.entries(procedures).map(([name, { _def }]) => described(name, _def)).toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

function described(name: string, { type, meta, inputs: [input, ...more], output }: Definition): RouterProcedure {
  const [router, method, ...deeper] = name.split('.')
  if (!router || !method || deeper.length > 0) throw new Error(`${name}: expected router.procedure`)
  if (type !== 'query' && type !== 'mutation') throw new Error(`${name}: is a ${type}`)
  if (!meta?.scope || !input || more.length > 0 || !output) throw new Error(`${name}: needs a scope, one input and one output schema`)
  return { name, router, method, type, scope: meta.scope, input, output }
}
