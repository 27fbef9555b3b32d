/** The README's programs are type-checked as they stand, and run. */
import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'

const root = new URL('..', import.meta.url)
const folder = new URL('.reports/readme/', root)
const run = promisify(execFile)
const readme = readFileSync(new URL('README.md', root), 'utf8')
const programs = [...readme.matchAll(/^```ts\n(.*?)^```/gms)].map((match) => match[1] ?? '')

describe('README', () => {
  beforeAll(() => {
    mkdirSync(folder, { recursive: true })
    programs.forEach((program, i) => writeFileSync(new URL(`${i}.ts`, folder), program))
    writeFileSync(new URL('tsconfig.json', folder), JSON.stringify({ extends: '../../tsconfig.json', include: ['*.ts'] }))
  })

  test('has programs, and they have the right types', async () => {
    expect(programs).toHaveLength(3)
    const compiler = new URL('node_modules/typescript/bin/tsc', root).pathname
    const result = await run(process.execPath, [compiler, '-p', folder.pathname]).catch((e: { stdout: string }) => e)
    expect(result.stdout).toBe('')
  }, 160_000)

  test('prints the operations', async () => {
    const { stdout } = await start(0)
    expect(stdout).toContain('contacts.get GET /v1/contacts/{idOrEmail} contacts:read\n')
    expect(stdout).toMatch(/true\n$/)
  }, 60_000)

  test('prints an OpenAPI document', async () => {
    expect(JSON.parse((await start(1)).stdout)).toMatchObject({ openapi: '3.1.0' })
  }, 60_000)

  test('prints what its comments say', async () => {
    const said = [...(programs[2] ?? '').matchAll(/\/\/ (.*)$/gm)].map((match) => match[1])
    expect((await start(2)).stdout.trim().split('\n')).toEqual(said)
  }, 60_000)
})

function start(i: number) {
  return run(process.execPath, [new URL(`${i}.ts`, folder).pathname])
}
