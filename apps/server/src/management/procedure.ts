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
  return trpc.procedure.meta({ scope }).use(async ({ ctx, next }) => {
    const principal = await ctx.authorize(scope)
    return next({ ctx: { ...ctx, principal } satisfies AuthorizedContext })
  })
}
