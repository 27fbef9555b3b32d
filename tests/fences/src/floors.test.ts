import { expect, test } from 'vitest'
import { cleanFiles, growTree, packageFiles, runScript, type Files } from './tree.ts'

const check = (files: Files, step: string) => runScript(growTree(files), ['check.ts', step])

test('floors pass on a clean tree', async () => {
  const { code, output } = await check(cleanFiles, 'floors')
  expect(output).toContain('ok      packages import only lower floors')
  expect(code).toBe(0)
})

test.each<[what: string, files: Files]>([
  [
    'a package that depends on a higher floor',
    {
      ...packageFiles('packages/contract', { name: '@letterlock/contract', tag: 'floor0', dependencies: ['@letterlock/db'] }),
      'packages/contract/src/index.ts': "export const one = 1\n",
    },
  ],
  [
    'a package that depends on its own floor',
    {
      ...packageFiles('packages/verifier', { name: '@letterlock/verifier', tag: 'floor1', dependencies: ['@letterlock/db'] }),
      'packages/verifier/src/index.ts': "import { describeKey } from '@letterlock/db'\n\nexport const d = describeKey\n",
    },
  ],
  ['an import that no manifest declares', { 'packages/keys/src/redact.ts': "import { z } from 'zod'\n\nexport const redact = z\n" }],
  [
    'a type import that no manifest declares',
    { 'packages/keys/src/redact.ts': "import type { z } from 'zod'\n\nexport type Redacted = typeof z\n" },
  ],
  [
    'a file of another package',
    { 'packages/db/src/describe-key.ts': "import { redact } from '../../keys/src/redact.ts'\n\nexport const d = redact\n" },
  ],
])('floors are red on %s', async (_what, files) => {
  const { code, output } = await check({ ...cleanFiles, ...files }, 'floors')
  expect(output).toContain('FAILED  packages import only lower floors')
  expect(code).toBe(1)
})

test('floors are red when there is no file', async () => {
  const { code, output } = await check({}, 'floors')
  expect(output).toContain('FAILED')
  expect(code).toBe(1)
})

test('types compile on a clean tree, and are red on an import past the door of a package', async () => {
  const clean = await check(cleanFiles, 'types')
  expect(clean.output).toContain('ok      types compile in every package')
  const deep = await check(
    {
      ...cleanFiles,
      'packages/db/src/describe-key.ts':
        "import { redact } from '@letterlock/keys/src/redact.ts'\n\nexport const describeKey = redact\n",
    },
    'types',
  )
  expect(deep.output).toMatch(/TS2307.*@letterlock\/keys\/src\/redact\.ts/)
  expect(deep.code).toBe(1)
})

test('types are red when there is no package', async () => {
  const { code, output } = await check({}, 'types')
  expect(output).toContain('FAILED')
  expect(code).toBe(1)
})
