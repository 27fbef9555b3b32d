import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { cleanFiles, growTree, packageFiles, runScript, type Files } from './tree.ts'

const check = (files: Files, ...steps: string[]) => runScript(growTree(files), ['check.ts', ...steps])

test('names, manifests and unused code pass on a clean tree', async () => {
  const { code, output } = await check(cleanFiles, 'names', 'manifests', 'unused', 'shipped')
  expect(output).not.toContain('FAILED')
  expect(code).toBe(0)
})

test('names are red on every file and folder that says nothing', async () => {
  const vague = [
    'packages/db/src/utils.ts',
    'packages/db/src/helpers',
    'packages/db/src/common.test.ts',
    'packages/db/src/misc.ts',
    'packages/lib',
    'apps/server/core',
  ]
  const files = vague.map((path) => [path.includes('.') ? path : `${path}/a.ts`, ''])
  const { code, output } = await check({ ...cleanFiles, ...Object.fromEntries(files) }, 'names')
  expect(vague.filter((path) => !output.includes(`${path}: name it after what it does`))).toEqual([])
  expect(code).toBe(1)
})

test('manifests are red on a package without a floor, without types, or with every file a door', async () => {
  const open = { name: 'x', type: 'module', private: true, exports: { './*': './src/*.ts' }, dependencies: {} }
  const { code, output } = await check(
    {
      ...cleanFiles,
      ...packageFiles('packages/adrift', { name: 'adrift', tag: 'none' }),
      'packages/open/package.json': JSON.stringify(open),
    },
    'manifests',
  )
  expect(output).toContain('packages/adrift/turbo.json: needs exactly one tag')
  expect(output).toContain('packages/open/package.json: "exports" with a star opens every file')
  expect(output).toContain('packages/open/package.json: has no "typecheck" script')
  expect(code).toBe(1)
})

test('manifests are red on a published package whose published doors differ', async () => {
  const published = { name: 'p', type: 'module', exports: { '.': './src/index.ts' }, dependencies: {} }
  const { code, output } = await check({ ...cleanFiles, 'packages/p/package.json': JSON.stringify(published) }, 'manifests')
  expect(output).toContain('packages/p/package.json: "publishConfig.exports" must name the same doors')
  expect(code).toBe(1)
})

test('names and manifests are red when they see nothing', async () => {
  const { code, output } = await check({ 'pnpm-workspace.yaml': 'packages: []\n' }, 'manifests')
  expect(output).toContain('saw nothing to check')
  expect(code).toBe(1)
})

test.each<[what: string, files: Files]>([
  ['an export nobody uses', { 'packages/keys/src/redact.ts': `${cleanFiles['packages/keys/src/redact.ts']}\nexport const unused = 1\n` }],
  ['a file nobody imports', { 'packages/keys/src/forgotten.ts': 'export const forgotten = 1\n' }],
  [
    'a dependency nobody imports',
    packageFiles('packages/keys', { name: '@letterlock/keys', tag: 'floor0', dependencies: ['zod'] }),
  ],
])('unused is red on %s', async (_what, files) => {
  const { code, output } = await check({ ...cleanFiles, ...files }, 'unused')
  expect(output).toContain('FAILED  nothing is unused')
  expect(code).toBe(1)
})

test('shipped is red on code that only a test uses', async () => {
  const files = {
    'packages/keys/src/spare.ts': 'export const spare = 1\n',
    'packages/keys/src/spare.test.ts': "import { spare } from './spare.ts'\n\nconsole.log(spare)\n",
  }
  const { code, output } = await check({ ...cleanFiles, ...files }, 'shipped')
  expect(output).toContain('FAILED  nothing is shipped unused')
  expect(code).toBe(1)
})

test('api is red on a public type that is not as reported, and "npm run report" writes it', async () => {
  const exports = { '.': { types: './dist/index.d.ts', default: './dist/index.js' } }
  const published = { name: 'p', type: 'module', exports: { '.': './src/index.ts' }, publishConfig: { exports }, scripts: { build: 'mkdir -p dist && cp declared.txt dist/index.d.ts' }, dependencies: {} }
  const root = growTree({
    ...cleanFiles,
    'packages/p/package.json': JSON.stringify(published),
    'packages/p/turbo.json': JSON.stringify({ extends: ['//'], tags: ['floor0'] }),
    'packages/p/declared.txt': 'interface Wheel { readonly size: number }\n/** Turns. */\nexport declare function turn(wheel: Wheel): void\n',
  })
  const runCheck = () => runScript(root, ['check.ts', 'api'])
  expect((await runCheck()).output).toContain('packages/p/API.md: the public API is another one')
  expect((await runScript(root, ['report.ts'])).stdout).toContain('packages/p/API.md')
  expect((await runCheck()).code).toBe(0)
  writeFileSync(join(root, 'packages/p/declared.txt'), 'interface Wheel { readonly size: string }\nexport declare function turn(wheel: Wheel): void\n')
  const { code, output } = await runCheck()
  expect(output).toMatch(/- +readonly size: number;\n +\+ +readonly size: string;/)
  expect(code).toBe(1)
})

test('unused is red when it sees nothing', async () => {
  const { code, output } = await check({}, 'unused')
  expect(output).toContain('FAILED')
  expect(code).toBe(1)
})
