/** What the main door weighs in a browser bundle, and what it may not need there. */
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { expect, test } from 'vitest'

const main = fileURLToPath(new URL('../src/index.ts', import.meta.url))

async function bundle(source: string): Promise<string> {
  const result = await build({
    stdin: { contents: source, resolveDir: fileURLToPath(new URL('.', import.meta.url)) },
    bundle: true,
    minify: true,
    write: false,
    logLevel: 'silent',
    format: 'esm',
    platform: 'browser',
  })
  return result.outputFiles[0]?.text ?? ''
}

test('the main door is at most 2.5 kB, minified and gzipped', async () => {
  const text = await bundle(`export * from ${JSON.stringify(main)}`)
  expect(text).toContain('bad_checksum')
  expect(gzipSync(text, { level: 9 }).length).toBeLessThanOrEqual(2500)
})

test('the main door needs neither Node nor anything else from outside', async () => {
  const text = await bundle(`export * from ${JSON.stringify(main)}`)
  expect(text).not.toMatch(/\bimport\b|\brequire\(|node:|\bBuffer\b|\bprocess\b/)
})

test('an import that is not used leaves nothing behind', async () => {
  expect((await bundle(`import ${JSON.stringify(main)}`)).trim()).toBe('')
  const text = await bundle(`import { keyModes } from ${JSON.stringify(main)}; console.log(keyModes)`)
  expect(text.length).toBeLessThan(100)
})
