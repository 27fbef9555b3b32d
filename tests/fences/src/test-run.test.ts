import { expect, test } from 'vitest'
import { cleanFiles, growTree, packageFiles, runScript, type Files } from './tree.ts'

type Status = 'passed' | 'failed' | 'skipped' | 'todo'

const noReport = { test: 'node -e 0' }

/** A package whose runner is a program that writes a report with the given tests and ends with the given code. */
function tested(name: string, statuses: Status[], exitCode = 0): Files {
  const report = {
    success: exitCode === 0,
    testResults: [
      { name: 'a.test.ts', status: 'passed', assertionResults: statuses.map((status, n) => ({ fullName: `t${n}`, status })) },
    ],
  }
  const folder = `packages/${name}`
  return {
    ...packageFiles(folder, { name, tag: 'floor0', scripts: { test: 'node report.mjs' } }),
    [`${folder}/report.mjs`]: [
      "import { mkdirSync, writeFileSync } from 'node:fs'",
      "console.log('really ran')",
      "mkdirSync('.reports', { recursive: true })",
      `writeFileSync('.reports/vitest.json', ${JSON.stringify(JSON.stringify(report))})`,
      `process.exit(${exitCode})`,
    ].join('\n'),
  }
}

const lastLine = (stdout: string) => stdout.trimEnd().split('\n').at(-1)

test('npm test counts the reports in its last line and repeats no work', async () => {
  const root = growTree({ ...tested('one', ['passed', 'passed']), ...tested('two', ['passed']) })
  const first = await runScript(root, ['test.ts'])
  expect(lastLine(first.stdout)).toBe('3 passed, 0 failed, 0 skipped')
  expect(first.output).toContain('really ran')
  expect(first.code).toBe(0)
  const second = await runScript(root, ['test.ts'])
  expect(lastLine(second.stdout)).toBe('3 passed, 0 failed, 0 skipped')
  expect(second.output).not.toContain('really ran')
})

test('npm test names skipped tests, tries them again next time, and fails on them under CI', async () => {
  const root = growTree(tested('one', ['passed', 'skipped', 'todo']))
  const relaxed = await runScript(root, ['test.ts'])
  expect(relaxed.output).toContain('skipped:\n  one: t1\n  one: t2\n')
  expect(relaxed.code).toBe(0)
  const strict = await runScript(root, ['test.ts'], { CI: 'true' })
  expect(strict.output).toContain('really ran')
  expect(lastLine(strict.stdout)).toBe('1 passed, 0 failed, 2 skipped')
  expect(strict.code).toBe(1)
})

test.each<[what: string, files: Files, reason: string]>([
  ['a failed test', tested('one', ['passed', 'failed'], 1), 'one: t1'],
  ['a failed test of a runner that ends with 0', tested('one', ['passed', 'failed']), 'one: t1'],
  ['a runner that fails outside of a test', tested('one', ['passed'], 1), 'one failed outside of a test'],
  ['a package without a test in it', tested('one', []), 'one ran no test'],
  ['a runner without a report', packageFiles('packages/one', { name: 'one', tag: 'floor0', scripts: noReport }), 'one left no test report'],
  [
    'a report that an earlier run left behind',
    { ...tested('one', ['passed']), ...packageFiles('packages/one', { name: 'one', tag: 'floor0', scripts: noReport }),
      'packages/one/.reports/vitest.json': '{ "success": true, "testResults": [] }' },
    'one left no test report',
  ],
  ['a workspace without tests', cleanFiles, 'no package has tests'],
])('npm test is red on %s', async (_what, files, reason) => {
  const { code, output, stdout } = await runScript(growTree(files), ['test.ts'])
  expect(output).toContain(`  ${reason}`)
  expect(lastLine(stdout)).toMatch(/^\d+ passed, [1-9]\d* failed, \d+ skipped$/)
  expect(code).toBe(1)
})
