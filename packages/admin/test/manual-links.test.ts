/** The documents lead where they say, tell of every error, and what they show for the shell works. */
import { errorCodes } from '@letterlock/contract'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const documents = [
  'README.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.md')).map((file) => `docs/${file}`),
].toSorted()

const textOf = (place: string) => readFileSync(join(root, place), 'utf8')

/** As GitHub makes them of headings. */
function anchorsOf(text: string): Set<string> {
  const headings = text.replaceAll(/^```.*?^```/gms, '').matchAll(/^#+ (.*)$/gm)
  return new Set([...headings].map(([, heading = '']) => heading.toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, '').trim().replaceAll(/\s/g, '-')))
}

function brokenLinksOf(place: string): string[] {
  const targets = [...textOf(place).replaceAll(/^```.*?^```/gms, '').matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target)
  return targets.filter((target) => {
    if (/^[a-z]+:/.test(target)) return false
    const [path = '', anchor] = target.split('#')
    const file = path === '' ? join(root, place) : resolve(root, dirname(place), path)
    if (!existsSync(file)) return true
    return anchor !== undefined && !anchorsOf(readFileSync(file, 'utf8')).has(anchor)
  }).map((target) => `${place}: ${target}`)
}

test('every link of the documents leads to a file and a heading that are there', () => {
  expect(documents.length).toBeGreaterThan(10)
  expect(documents.flatMap(brokenLinksOf)).toEqual([])
})

test('docs/errors.md tells of every error code, with its status, and of no other', () => {
  const rows = [...textOf('docs/errors.md').matchAll(/^\| `(\w+)` \| (\d{3}) \|/gm)].map(([, code = '', status]) => [code, Number(status)])
  expect(new Map(rows as [string, number][])).toEqual(new Map(Object.entries(errorCodes).map(([code, { status }]) => [code, status])))
})

test('the commands of docs/keys/README.md make an .env that its owner alone can read and git does not see', () => {
  const folder = mkdtempSync(join(tmpdir(), 'letterlock-env-'))
  try {
    const [, commands = ''] = /^```sh\n(.*?)^```/ms.exec(textOf('docs/keys/README.md')) ?? []
    execFileSync('git', ['init', '-q'], { cwd: folder })
    for (let turn = 0; turn < 2; turn++) execFileSync('sh', ['-euc', commands], { cwd: folder })
    expect(statSync(join(folder, '.env')).mode & 0o777).toBe(0o600)
    expect(readFileSync(join(folder, '.env'), 'utf8')).toMatch(/^LETTERLOCK_API_KEY=.+\n$/)
    expect(readFileSync(join(folder, '.gitignore'), 'utf8')).toBe('.env\n')
    expect(execFileSync('git', ['status', '--porcelain'], { cwd: folder, encoding: 'utf8' })).toBe('?? .gitignore\n')
  } finally {
    rmSync(folder, { recursive: true })
  }
})
