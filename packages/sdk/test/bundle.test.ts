/** What integrators install: small, whole, and without anything of one runtime. */
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { expect, test } from 'vitest'

const root = new URL('..', import.meta.url)

test('the whole client is at most 12 kB minified and gzipped, from our sources alone, for any runtime', async () => {
  const { outputFiles, metafile } = await build({
    entryPoints: [new URL('src/index.ts', root).pathname],
    bundle: true, minify: true, write: false, metafile: true, format: 'esm', platform: 'neutral', target: 'es2022',
  })
  const [bundle] = outputFiles
  expect(bundle && gzipSync(bundle.contents, { level: 9 }).byteLength).toBeLessThanOrEqual(12_000)
  expect(Object.keys(metafile.inputs).filter((path) => !/^(src|\.\.\/keys\/src)\//.test(path))).toEqual([])
  expect(bundle?.text).not.toMatch(/\b(require\(|from ?["']|Buffer\b|node:)/)
})

test.each([
  ['one class of errors', "export { ApiError } from './src/index.ts'", 1_000],
  ['tracing()', "export { tracing } from './src/otel.ts'", 1_000],
  ['scopeRecorder()', "export { scopeRecorder } from './src/scope-recorder.ts'", 1_000],
  ['verifyWebhook()', "export { verifyWebhook } from './src/webhooks/index.ts'", 4_000],
  ['all of letterlock/webhooks', "export * from './src/webhooks/index.ts'", 4_000],
  ['what a browser gets', "export * from './src/browser.ts'", 1_500],
])('%s alone is small: what is not used is left out', async (_, contents, most) => {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root.pathname }, bundle: true, minify: true, write: false, format: 'esm', platform: 'neutral', target: 'es2022',
  })
  expect(outputFiles[0] && gzipSync(outputFiles[0].contents, { level: 9 }).byteLength).toBeLessThanOrEqual(most)
})

test('package.json has no dependency at run time', () => {
  const manifest = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as Record<string, unknown>
  expect(manifest).not.toHaveProperty('dependencies')
  expect(manifest).not.toHaveProperty('peerDependencies')
})
