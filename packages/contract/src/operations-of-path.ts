import { type OperationId, operationIds, operations } from './operation-table.ts'

/**
 * The operations of a path, one for each method: of a template (`/v1/contacts/{idOrEmail}`) or a path as it is sent
 * (`/v1/contacts/ada@example.com`), with or without `/v1` and query. Where several templates fit, the one with the most
 * fixed parts counts, as a request would reach it. Empty when no operation has the path.
 */
export function operationsOfPath(path: string): readonly OperationId[] {
  const parts = partsOf(path.replace(/[?#].*$/s, '').replace(/^\/v1(?=\/)/, ''))
  const fitting = operationIds.filter((id) => fits(operations[id].path, parts))
  const fewest = Math.min(...fitting.map(parametersOf))
  return fitting.filter((id) => parametersOf(id) === fewest)
}

function partsOf(path: string): readonly string[] {
  return path.replace(/(?<=.)\/$/, '').split('/')
}

function fits(template: string, parts: readonly string[]): boolean {
  const wanted = partsOf(template)
  return wanted.length === parts.length && wanted.every((part, index) => part === parts[index] || (isParameter(part) && parts[index] !== ''))
}

function isParameter(part: string): boolean {
  return part.startsWith('{')
}

function parametersOf(id: OperationId): number {
  return partsOf(operations[id].path).filter(isParameter).length
}
