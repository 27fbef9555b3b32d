/** What is published: one file that needs nothing but its dependencies, and works. */
import { execFile } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const bundle = new URL('../dist/index.js', import.meta.url)
const { dependencies } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { dependencies: Record<string, string> }

test('the bundle and its types import only modules of Node and the dependencies of the package', () => {
  for (const file of ['index.js', 'index.d.ts']) {
    const text = readFileSync(new URL(`../dist/${file}`, import.meta.url), 'utf8')
    const imported = [...text.matchAll(/^(?:import|export) .*? from ['"]([^'"]+)['"]/gm)].map(([, name = '']) => name)
    const foreign = imported.filter((name) => !builtinModules.includes(name.replace('node:', '')) && !Object.keys(dependencies).some((each) => name === each || name.startsWith(`${each}/`)))
    expect(imported.length).toBeGreaterThan(2)
    expect(foreign).toEqual([])
  }
})

test('the bundle is smaller than 600 kB', () => {
  expect(statSync(bundle).size).toBeLessThan(600_000)
})

test('a program runs on the bundle, and ends though it does not close the server', async () => {
  const program = `
    const { createTestServer } = await import(${JSON.stringify(bundle.href)})
    const server = await createTestServer()
    const headers = { authorization: 'Bearer ' + server.keys.create({ name: 'packed' }).token }
    console.log((await (await fetch(server.url + '/v1/key', { headers })).json()).name)`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], { timeout: 20_000 })
  expect(stdout).toBe('packed\n')
}, 30_000)
