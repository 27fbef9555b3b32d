/** The published vectors on every runtime the keys package is meant for. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, inject, test } from 'vitest'
import { checkDigests } from './programs/check-digests.mjs'
import { checkVectors, publishedVectors } from './programs/check-vectors.mjs'
import { bundle, resultIn, run, runInBrowser, runInTerminal, runInWorker } from './run-in-runtime.ts'
import { mayBeSkipped, programOf } from './runtimes.ts'

const keyModes = 3
const vectorCount = Object.values(publishedVectors).reduce((sum, { vectors }) => sum + vectors.length, keyModes)
const allVectors = { checked: vectorCount, failures: [] }
const allDigests = { checked: checkDigests().checked, failures: [] }
const place = { folder: inject('folder') }

describe('the packed keys package passes its vectors', () => {
  for (const runtime of ['Node 20', 'Node 22', 'Node 24', 'Node 26', 'Bun', 'Deno']) {
    test.skipIf(mayBeSkipped(runtime))(`on ${runtime}`, async () => {
      const output = await runInTerminal(place, runtime, ['vectors-in-terminal.mjs'])
      expect(resultIn(output, 'vectors')).toEqual({ ...allVectors, digests: allDigests })
    })
  }
  test.skipIf(mayBeSkipped('workerd'))('on workerd', async () => {
    expect(resultIn(await runInWorker(place, 'vectors-in-worker.mjs'), 'vectors')).toEqual(allVectors)
  })
  test.skipIf(mayBeSkipped('Chromium'))('on Chromium', async () => {
    expect(resultIn(await runInBrowser(place, 'vectors-in-browser.mjs'), 'vectors')).toEqual(allVectors)
  })
})

for (const major of [20, 22, 24, 26]) {
  const runtime = `Node ${major}`
  test.skipIf(mayBeSkipped(runtime))(`${runtime} is of the version it is named after`, async () => {
    expect(await run(place, programOf(runtime), ['--version'])).toMatch(new RegExp(`^v${major}\\.`))
  })
}

test('the main door goes into a browser bundle without anything from outside', async () => {
  const text = await bundle(place, 'vectors-in-browser.mjs', { target: 'browser.js', conditions: ['browser'] })
  expect(text).not.toMatch(/\brequire\(|\bfrom\s*["']|node:/)
})

test('the package ships its vectors and one file per door', () => {
  const shipped = ['dist/index.js', 'dist/index.d.ts', 'dist/digest.js', 'dist/digest.d.ts', 'vectors/find.json']
  const folder = join(place.folder, 'node_modules/@letterlock/keys')
  expect(shipped.filter((path) => !existsSync(join(folder, path)))).toEqual([])
})

test('checkVectors() fails when a vector is wrong', () => {
  const wrong = structuredClone(publishedVectors)
  for (const { vectors } of [wrong.valid, wrong.invalid, wrong.redact, wrong.redactText, wrong.find]) {
    Object.assign(vectors[0] ?? {}, { code: 'wrong', redacted: 'wrong', keyId: 'wrong', keys: ['wrong'] })
  }
  expect(checkVectors(wrong).failures).toHaveLength(5)
})
