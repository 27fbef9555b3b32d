import { type Operation, type OperationId, operations } from '@letterlock/contract'

/** What a path is: an operation with its parameters, the methods that it answers instead, or nothing. */
export type Matched =
  | { readonly id: OperationId; readonly params: Record<string, string> }
  | { readonly methods: readonly string[] }
  | null

/** The first row of the table with this method and path, as the server's routes stand in its order. */
export function matchOperation(method: string, path: string): Matched {
  const asked = method === 'HEAD' ? 'GET' : method
  const fitting = routes.flatMap((route) => {
    const values = route.pattern.exec(path)?.slice(1)
    return values ? [{ ...route, values }] : []
  })
  const match = fitting.find((route) => route.method === asked)
  if (match) return { id: match.id, params: Object.fromEntries(match.names.map((name, index) => [name, decoded(match.values[index] ?? '')])) }
  const [first] = fitting
  return first ? { methods: fitting.filter(({ path: each }) => each === first.path).map((route) => route.method) } : null
}

const routes = Object.entries<Operation>(operations).map(([id, { method, path }]) => ({
  id: id as OperationId, // a key of the table
  method, path,
  names: [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name),
  pattern: new RegExp(`^/v1${path.replaceAll(/\{\w+\}/g, '([^/]+)')}$`),
}))

/** A part that is not well encoded stays as it came. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
