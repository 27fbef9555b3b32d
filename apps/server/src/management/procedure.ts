import { newId, type RootScope } from '@letterlock/contract'
import { initTRPC } from '@trpc/server'
import type { AuthorizedContext, ManagementContext } from './context.ts'
import { formatError } from './format-error.ts'

const trpc = initTRPC
  .context<ManagementContext>()
  .meta<{ readonly scope: RootScope }>()
  .create({ errorFormatter: ({ error, ctx }) => formatError(error, ctx ?? { requestId: newId('request'), redact: () => '' }) })

export const { router } = trpc

/** A procedure that a caller without the scope cannot reach; it is checked before the input is looked at. */
export function procedureFor(scope: RootScope) {
  return trpc.procedure.meta({ scope }).use(async ({ ctx, next, path: procedure }) => {
    const principal = await ctx.authorize({ scope, procedure })
    const done = await next({ ctx: { ...ctx, principal } satisfies AuthorizedContext })
    const revision = done.ok ? revisionOf(done.data) : null
    if (revision !== null) await ctx.settle(revision)
    return done
  })
}

/** Every mutation answers with its revision. */
function revisionOf(data: unknown): number | null {
  return typeof data === 'object' && data !== null && 'revision' in data && typeof data.revision === 'number' ? data.revision : null
}
