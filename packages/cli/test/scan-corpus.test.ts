import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { plantCorpus } from './planted-corpus.ts'
import type { Corpus } from './planted-corpus.ts'
import { letterlock } from './run-letterlock.ts'

/** `npm run bench -- scan` does the same with 1 000 keys in 200 MB. */
const size = { keys: 280, megabytes: 24 }

const folder = mkdtempSync(join(tmpdir(), 'letterlock-scan-'))
let corpus: Corpus
beforeAll(() => void (corpus = plantCorpus(join(folder, 'corpus'), size)), 120_000)
afterAll(() => rmSync(folder, { recursive: true }))

type Report = { readonly keys: readonly { readonly key: string }[]; readonly notes: readonly unknown[]; readonly bytes: number }

async function scan(...args: string[]): Promise<Report> {
  const { code, stdout } = await letterlock(['scan', '--json', ...args], { cwd: corpus.folder })
  expect(code).toBe(1)
  return JSON.parse(stdout) as Report
}

describe('scan', () => {
  test('finds every key that was planted in files, whatever it is spelled as and packed in, and no decoy', async () => {
    const { keys, notes, bytes } = await scan('area-0', ...Array.from({ length: 19 }, (_, index) => `area-${index + 1}`))
    expect(keys.map(({ key }) => key).toSorted()).toEqual(corpus.plantedInFiles.toSorted())
    expect(notes).toEqual([])
    expect(bytes).toBeGreaterThan(size.megabytes * 0.8e6)
  }, 120_000)

  test('--history finds those too that are only in old commits, messages, tags, names of files, stashes and what no branch has', async () => {
    const { keys, notes } = await scan('--history')
    expect(keys.map(({ key }) => key).toSorted()).toEqual(corpus.planted.toSorted())
    expect(notes).toEqual([])
  }, 120_000)
})
