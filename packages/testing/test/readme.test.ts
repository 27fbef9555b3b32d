/** The README's programs are type-checked as they stand, and run. */
import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = new URL('..', import.meta.url)
const folder = new URL('.reports/readme/', root)
const programs = [...readFileSync(new URL('README.md', root), 'utf8').matchAll(/^```ts\n(.*?)^```/gms)].map((match) => match[1] ?? '')
const run = promisify(execFile)

beforeAll(() => {
  mkdirSync(folder, { recursive: true })
  programs.forEach((program, i) => writeFileSync(new URL(`${i}.ts`, folder), program))
  writeFileSync(new URL('tsconfig.json', folder), JSON.stringify({ extends: '../../tsconfig.json', include: ['*.ts'] }))
})
afterAll(() => rmSync(folder, { recursive: true }))

test('the README has programs, and they have the right types', async () => {
  expect(programs.length).toBeGreaterThanOrEqual(4)
  const compiler = new URL('node_modules/typescript/bin/tsc', root).pathname
  const result = await run(process.execPath, [compiler, '-p', new URL('tsconfig.json', folder).pathname]).catch((e: { stdout: string }) => e)
  expect(result.stdout).toBe('')
}, 160_000)

test.each(programs.map((_, i) => i))('program %i of the README runs, and ends by itself', async (i) => {
  const { stderr } = await run(process.execPath, [new URL(`${i}.ts`, folder).pathname], { env: { PATH: process.env.PATH }, timeout: 30_000 })
  expect(stderr).toBe('')
}, 60_000)
