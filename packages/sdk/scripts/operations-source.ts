/** The text of src/operations.generated.ts: plain TypeScript, free of zod and of the contract package. */
import { errorCodeNames, type Operation, operationIds, operations } from '@letterlock/contract'
import { TypeWriter } from './type-writer.ts'

/** One argument of a method, in order; options come last and are not listed. */
interface Argument {
  readonly name: string
  readonly type: string
  readonly optional: boolean
}

interface Method {
  readonly id: string
  readonly row: Operation
  readonly args: readonly Argument[]
  readonly answer: string
  /** The item of a paged answer; null when the answer is no page. */
  readonly item: string | null
}

export function operationsSource(): string {
  const types = new TypeWriter()
  types.declareEnum('ErrorCode', errorCodeNames, 'The `code` of a failure; a newer server may know more.')
  const methods = operationIds.map((id) => methodOf(id, operations[id], types))
  const resources = Map.groupBy(methods, (method) => method.id.split('.')[0] ?? '')
  return [
    '// Made by scripts/generate.ts from the operation table. Change the table, not this file.',
    [
      "import type { ApiPromise } from './api-promise.ts'",
      "import type { CallOptions } from './call-options.ts'",
      "import type { ListRequest } from './list-request.ts'",
    ].join('\n'),
    ...types.declarations(),
    ...[...resources].map(([name, group]) => resourceInterface(name, group)),
    resourcesInterface([...resources.keys()]),
    table(methods),
  ].join('\n\n') + '\n'
}

function methodOf(id: string, row: Operation, types: TypeWriter): Method {
  const base = id.split('.').map(capital).join('')
  const args: Argument[] = pathNames(row.path).map((name) => ({ name, type: 'string', optional: false }))
  for (const part of ['body', 'query'] as const) {
    const schema = row[part]
    if (!schema || types.isEmptyObject(schema)) continue
    const type = types.declare(schema, 'input', { name: base + capital(part), doc: `What \`${id}\` takes.` })
    args.push({ name: part, type, optional: part === 'query' || schema.safeParse(undefined).success })
  }
  const bodies = [...new Set(Object.values(row.answers))]
  if (bodies.length !== 1) throw new Error(`${id}: all successful answers must share one schema`)
  const body = bodies[0]
  if (!body) return { id, row, args, answer: 'void', item: null }
  const item = types.pageItem(body)
  const title = item ? { name: `${base}Item`, doc: '' } : { name: `${base}Answer`, doc: `What \`${id}\` answers.` }
  const answer = types.declare(item ?? body, 'output', title)
  return { id, row, args, answer, item: item ? answer : null }
}

function resourceInterface(name: string, methods: readonly Method[]): string {
  const lines = methods.map(({ id, row, args, answer, item }) => {
    const list = [...args.map((arg) => `${arg.name}${arg.optional ? '?' : ''}: ${arg.type}`), 'options?: CallOptions']
    const needs = row.scope ? `Needs the scope \`${row.scope}\`.` : 'Any key may call this.'
    const result = item ? `ListRequest<${item}>` : `ApiPromise<${answer}>`
    return `  /** ${row.summary} ${needs} */\n  ${id.split('.')[1]}(${list.join(', ')}): ${result}`
  })
  return `/** Methods of \`letterlock.${name}\`. */\nexport interface ${capital(name)}Resource {\n${lines.join('\n')}\n}`
}

function resourcesInterface(names: readonly string[]): string {
  const lines = names.map((name) => `  readonly ${name}: ${capital(name)}Resource`)
  return `/** Every resource of the client. */\nexport interface Resources {\n${lines.join('\n')}\n}`
}

function table(methods: readonly Method[]): string {
  const rows = methods.map(({ id, row, args, item }) => {
    const names = args.map((arg) => `'${arg.name}'`).join(', ')
    const sendsBody = row.body !== undefined
    return `  '${id}': { method: '${row.method}', path: '${row.path}', args: [${names}], sendsBody: ${sendsBody}, paged: ${item !== null}, scope: ${row.scope ? `'${row.scope}'` : null} },`
  })
  return [
    '/** How each operation goes over the wire. */',
    'export const operations = {',
    ...rows,
    '} as const',
    '',
    '/** The name of an operation, as in the OpenAPI document. */',
    'export type OperationId = keyof typeof operations',
  ].join('\n')
}

function pathNames(path: string): string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '')
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
