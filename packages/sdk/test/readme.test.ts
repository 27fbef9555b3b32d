/** The README's programs are type-checked as they stand, and run against a server that keeps what they ask. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { scriptedServer } from './scripted-server.ts'

const root = new URL('..', import.meta.url)
const folder = new URL('.reports/readme/', root)
const readme = readFileSync(new URL('README.md', root), 'utf8')
const programs = [...readme.matchAll(/^```ts\n(.*?)^```/gms)].map((match) => match[1] ?? '')
const { exports: doors } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { exports: Record<string, string> }
const run = promisify(execFile)

beforeAll(() => {
  mkdirSync(folder, { recursive: true })
  programs.forEach((program, i) => {
    const door = program.replaceAll(/from 'letterlock(\/[\w-]+)?'/g, (_, path = '') => `from '../../${doors[`.${path}`] ?? 'no such door'}'`)
    const surroundings = "\nfunction readSecret(name: string) { return name }\n"
    writeFileSync(new URL(`${i}.ts`, folder), door + (program.includes('readSecret') ? surroundings : ''))
  })
  writeFileSync(new URL('tsconfig.json', folder), JSON.stringify({ extends: '../../tsconfig.json', include: ['*.ts'] }))
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('README', () => {
  test('has programs, and they have the right types', async () => {
    expect(programs.length).toBeGreaterThanOrEqual(6)
    const compiler = new URL('node_modules/typescript/bin/tsc', root).pathname
    const result = await run(process.execPath, [compiler, '-p', new URL('tsconfig.json', folder).pathname]).catch((e: { stdout: string }) => e)
    expect(result.stdout).toBe('')
  }, 160_000)

  test.each(programs.map((program, i) => [i, program]))('program %i runs', async (i, program) => {
    const page = { id: 'lst_1', scopes: ['contacts:read', 'lists:read'], data: [{ email: 'ada@example.com', name: 'October' }], hasMore: false, nextCursor: null }
    const { url, seen } = await scriptedServer({ status: 200, json: page })
    const env = { PATH: process.env.PATH, LETTERLOCK_API_KEY: 'acme_key', LETTERLOCK_BASE_URL: url }
    await run(process.execPath, [new URL(`${i}.ts`, folder).pathname], { env })
    expect(seen.length > 0).toBe(program.includes('new Letterlock(') && program.includes('await '))
  }, 60_000)

  test('names every method of the client', async () => {
    const { operations } = await import('../src/operations.generated.ts')
    const rows = new Map([...readme.matchAll(/^\| `(\w+)` \| (.*) \|$/gm)].map((match) => [match[1], match[2] ?? '']))
    const missing = Object.keys(operations).filter((id) => {
      const [resource, method] = id.split('.')
      return !rows.get(resource)?.includes(`\`${method}\``)
    })
    expect(missing).toEqual([])
  })
})
