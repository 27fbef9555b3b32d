import { expect, test } from 'vitest'
import { cleanFiles, growTree, runScript, type Files } from './tree.ts'

const lint = (files: Files) => runScript(growTree(files), ['check.ts', 'lint'])

// One tree holds them all, and each must be named in the report: path → [content, rule that must catch it].
const offences: Record<string, [content: string, rule: string]> = {
  'packages/db/src/default-export.ts': ['export default 1\n', 'no-default-export'],
  'packages/db/src/any.ts': ['export const parse = (text: any) => text\n', 'no-explicit-any'],
  'packages/db/src/clock.ts': ['export const age = (then: number) => Date.now() - then\n', 'no-ambient-time'],
  'packages/db/src/today.ts': ['export const today = () => new Date().toISOString()\n', 'no-ambient-time'],
  'packages/db/src/dice.ts': ['export const dice = () => Math.random()\n', 'no-restricted-properties'],
  'packages/db/src/settings.ts': ['export const home = () => process.env.HOME\n', 'no-process-env'],
  'packages/db/src/many.ts': [
    'export const sum = (a: number, b: number, c: number, d: number) => a + b + c + d\n',
    'max-params',
  ],
  'packages/db/src/long.ts': [Array.from({ length: 301 }, (_, line) => `export const a${line} = ${line}\n`).join(''), 'max-lines'],
  'packages/db/src/CamelCase.ts': ['export const a = 1\n', 'filename-case'],
  'packages/db/src/lost-condition.ts': [
    'export const find = (db: { where: (a: unknown) => unknown }, a: number, b: number) => db.where(a === 1 && b === 2)\n',
    'no-logic-in-where',
  ],
  'packages/db/src/lost-choice.ts': [
    'export const find = (db: { where: (a: unknown) => unknown }, a: number, b: number) => db.where([a || b])\n',
    'no-logic-in-where',
  ],
  'packages/db/src/unawaited.ts': [
    'export const save = async () => 1\n\nexport const run = () => {\n  save()\n}\n',
    'no-floating-promises',
  ],
  'packages/db/src/runtime-cycle-a.ts': ["import { b } from './runtime-cycle-b.ts'\n\nexport const a = () => b\n", 'no-cycle'],
  'packages/db/src/runtime-cycle-b.ts': ["import { a } from './runtime-cycle-a.ts'\n\nexport const b = () => a\n", 'no-cycle'],
  'packages/db/src/type-cycle-a.ts': ["import type { B } from './type-cycle-b.ts'\n\nexport type A = { b: B }\n", 'no-cycle'],
  'packages/db/src/type-cycle-b.ts': ["import type { A } from './type-cycle-a.ts'\n\nexport type B = { a: A }\n", 'no-cycle'],
  'packages/keys/src/query.ts': ["import { sql } from 'kysely'\n\nexport const one = sql`select 1`\n", 'no-restricted-imports'],
  'packages/sdk/src/index.ts': [
    "import { scopes } from '@letterlock/contract'\n\nexport const all = scopes\n",
    'no-restricted-imports',
  ],
}

test('lint passes on a clean tree', async () => {
  const { code, output } = await lint(cleanFiles)
  expect(output).toContain('ok      lint rules hold')
  expect(code).toBe(0)
})

test('lint allows the machine’s clock and environment where the program is put together', async () => {
  const { code, output } = await lint({
    ...cleanFiles,
    'apps/server/src/main.ts': 'console.log(Date.now())\n',
    'apps/server/src/config.ts': 'export const home = () => process.env.HOME\n',
    'packages/sdk/src/types-only.ts': "import type { Scope } from '@letterlock/contract'\n\nexport type Mine = Scope\n",
    'packages/db/src/either.ts':
      'export const find = (db: { where: (a: unknown) => { go: () => boolean } }, a: number) => db.where(a).go() && a > 1\n',
  })
  expect(output).toContain('ok      lint rules hold')
  expect(code).toBe(0)
})

test('lint is red when it sees no file', async () => {
  const { code, output } = await lint({ '.oxlintrc.json': '{ "ignorePatterns": ["**"] }' })
  expect(output).toContain('FAILED  lint rules hold')
  expect(code).toBe(1)
})

test('lint names every offence with its file', async () => {
  const files = Object.fromEntries(Object.entries(offences).map(([path, [content]]) => [path, content]))
  const { code, output } = await lint({ ...cleanFiles, ...files })
  expect(code).toBe(1)
  const caught = Object.entries(offences).map(([path, [, rule]]) => [path, rule, reports(output, path, rule)])
  expect(caught.filter(([, , found]) => !found)).toEqual([])
})

/** Each report is a block: the rule's name in brackets before the message, the file in the line below. */
function reports(output: string, path: string, rule: string) {
  return output.split(/\n\n/).some((block) => block.includes(`(${rule})`) && block.includes(path))
}
