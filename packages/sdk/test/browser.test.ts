/** The client does not get into browsers: not through a bundler, and not when it is made there all the same. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runInNewContext } from 'node:vm'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isBrowser, type Surroundings } from '../src/browser-guard.ts'

const root = new URL('..', import.meta.url)
const manifest = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { publishConfig: { exports: object } }
const program = "import { ApiError, Letterlock } from 'letterlock'\nglobalThis.made = { ApiError, client: () => new Letterlock({ apiKey: 'acme_key' }) }"
const chromium = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'letterlock-browser-'))
  const installed = join(folder, 'node_modules', 'letterlock')
  mkdirSync(installed, { recursive: true })
  cpSync(new URL('dist', root), join(installed, 'dist'), { recursive: true })
  writeFileSync(join(installed, 'package.json'), JSON.stringify({ name: 'letterlock', type: 'module', exports: manifest.publishConfig.exports }))
})
afterAll(() => rmSync(folder, { recursive: true }))

async function bundled(conditions: string[], platform: 'browser' | 'neutral'): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: program, resolveDir: folder }, bundle: true, write: false, format: 'iife', minify: true, platform, conditions, mainFields: ['module', 'main'],
  })
  return outputFiles[0]?.text ?? ''
}

function made(code: string, surroundings: object): { client: () => unknown; ApiError: unknown } {
  const context: { made?: { client: () => unknown; ApiError: unknown } } = { ...surroundings }
  runInNewContext(code, context)
  if (!context.made) throw new Error('the program did not run')
  return context.made
}

describe('what a bundler takes', () => {
  test('for a browser, it has no client: errors to compare with, and a constructor that says why', async () => {
    const code = await bundled([], 'browser')
    expect(code.length).toBeLessThan(4_000)
    expect(code).not.toContain('authorization')
    const { client, ApiError } = made(code, {})
    expect(client).toThrow(expect.objectContaining({ code: 'in_browser', message: expect.stringContaining('Call your own server') as string }))
    expect(ApiError).toBeTypeOf('function')
  })

  test.each([['workerd', 'worker', 'browser'], ['edge-light', 'browser'], ['deno'], ['bun'], ['node']])('for %s (%s, %s) it is the client', async (...conditions) => {
    expect(await bundled(conditions.filter((each) => typeof each === 'string'), 'neutral')).toContain('authorization')
  })

  test('the stand-in has every name that the door has', async () => {
    const names = (module: object) => Object.keys(module).sort()
    expect(names(await import('../src/browser.ts'))).toEqual(names(await import('../src/index.ts')))
  })
})

test('the client made in a page throws, whatever its bundler took', async () => {
  const code = await bundled(['node'], 'neutral')
  const server = { crypto: {}, console: {} }
  expect(made(code, { ...server, window: { document: {} } }).client).toThrow(expect.objectContaining({ code: 'in_browser' }))
  expect(made(code, server).client).not.toThrow()
})

describe('isBrowser()', () => {
  const node = { versions: { node: '26.0.0' } }
  test.each<[string, Surroundings, boolean]>([
    ['a page', { window: { document: {} }, navigator: { userAgent: chromium } }, true],
    ['a page with a shim of process', { process: {}, window: { document: {} } }, true],
    ['a worker of a page', { importScripts: () => {}, navigator: { userAgent: chromium } }, true],
    ['Node', { process: node, navigator: { userAgent: 'Node.js/26' } }, false],
    ['Node with jsdom', { process: node, window: { document: {} }, navigator: { userAgent: 'Mozilla/5.0 jsdom' } }, false],
    ['Cloudflare', { importScripts: undefined, navigator: { userAgent: 'Cloudflare-Workers' } }, false],
    ['a worker of Deno', { importScripts: () => {}, navigator: { userAgent: 'Deno/2.9' } }, false],
    ['nothing known', {}, false],
  ])('%s', (_, surroundings, expected) => {
    expect(isBrowser(surroundings)).toBe(expected)
  })
})
