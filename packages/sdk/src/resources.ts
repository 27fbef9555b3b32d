import { type ApiPromise, apiPromise } from './api-promise.ts'
import type { Call } from './caller.ts'
import type { CallOptions } from './call-options.ts'
import { listRequest, type Page } from './list-request.ts'
import { type OperationId, operations, type Resources } from './operations.generated.ts'
import type { Parts } from './wire-request.ts'

type AnyMethod = (...args: unknown[]) => unknown

/** One method per row of the operation table; arguments in the order of the row, options last. */
export function createResources(call: Call): Resources {
  const resources: Record<string, Record<string, AnyMethod>> = {}
  for (const id of Object.keys(operations) as OperationId[]) { // keys of a literal
    const [resource = '', method = ''] = id.split('.')
    ;(resources[resource] ??= {})[method] = methodOf(id, call)
  }
  return resources as unknown as Resources // made from the same table by the same script
}

function methodOf(id: OperationId, call: Call): AnyMethod {
  const { args: names, paged, ...row } = operations[id]
  const operation = { id, template: row.path, ...row }
  return (...args) => {
    const options = args[names.length] as CallOptions | undefined
    const parts = partsOf(names, args)
    if (!paged) return apiPromise(call(operation, parts, options))
    return listRequest((cursor) => {
      const query = cursor === undefined ? parts.query : { ...parts.query, cursor }
      return apiPromise(call(operation, { ...parts, query }, options)) as ApiPromise<Page<unknown>> // a row that is paged
    })
  }
}

function partsOf(names: readonly string[], args: readonly unknown[]): Parts {
  const params: Record<string, unknown> = {}
  const parts: { params: Record<string, unknown>; body?: unknown; query?: Record<string, unknown> } = { params }
  names.forEach((name, i) => {
    if (name === 'body') parts.body = args[i]
    else if (name === 'query') parts.query = args[i] as Record<string, unknown>
    else params[name] = args[i]
  })
  return parts
}
