/** The texts of the generated files: plain TypeScript, free of tRPC, of zod and of the server. */
import { errorCodeNames } from '@letterlock/contract'
import { type RouterProcedure, routerProcedures } from './router-procedures.ts'
import { TypeWriter } from './type-writer.ts'

const origin = '// Made by scripts/generate.ts from the router of the management API. Change the router, not this file.'

/** What each generated file of src has to hold. */
export function generatedSources(): Readonly<Record<string, string>> {
  const procedures = routerProcedures()
  return { 'procedure-types.generated.ts': typesSource(procedures), 'procedure-table.generated.ts': tableSource(procedures) }
}

function typesSource(procedures: readonly RouterProcedure[]): string {
  const types = new TypeWriter()
  for (const { output, router } of procedures) types.lookAt(output, router)
  types.declareEnum('ErrorCode', errorCodeNames, 'The `code` of a refusal.')
  const members = procedures.map((procedure) => ({ ...procedure, line: memberOf(procedure, types) }))
  const routers = Map.groupBy(members, ({ router }) => router)
  return [
    origin,
    "import type { CallOptions } from './call-options.ts'",
    ...types.declarations(),
    ...[...routers].map(([name, group]) => interfaceOf(`${capital(name)}Procedures`, group.map(({ line }) => line), `\`admin.${name}\``)),
    interfaceOf('Procedures', [...routers.keys()].map((name) => `  readonly ${name}: ${capital(name)}Procedures`), 'Every procedure of the management API.'),
  ].join('\n\n') + '\n'
}

function interfaceOf(name: string, lines: readonly string[], doc: string): string {
  return `/** ${doc} */\nexport interface ${name} {\n${lines.join('\n')}\n}`
}

function memberOf({ name, router, method, scope, input, output }: RouterProcedure, types: TypeWriter): string {
  const base = capital(router) + capital(method)
  const takes = types.declare(input, 'input', { name: `${base}Input`, doc: `What \`${name}\` takes.` })
  const gives = types.declare(output, 'output', { name: `${base}Output`, doc: `What \`${name}\` answers.` })
  const mayBeAbsent = input.safeParse({}).success
  return `  /** Needs the root scope \`${scope}\`. */\n  readonly ${method}: (input${mayBeAbsent ? '?' : ''}: ${takes}, options?: CallOptions) => Promise<${gives}>`
}

function tableSource(procedures: readonly RouterProcedure[]): string {
  const rows = [...Map.groupBy(procedures, ({ router }) => router)].map(
    ([name, group]) => `  ${name}: { ${group.map(({ method, type }) => `${method}: '${type}'`).join(', ')} },`,
  )
  const doc = '/** How each procedure is called: a query is a GET and may be repeated, a mutation is a POST. */'
  return `${origin}\n\n${doc}\nexport const procedures = {\n${rows.join('\n')}\n} as const\n`
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
