/** The example of the README runs as it stands there. */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const packageFolder = fileURLToPath(new URL('..', import.meta.url))
const pepper = Buffer.from(Array.from({ length: 32 }, (_, index) => index * 5)).toString('base64')

test('the example of README.md prints what it says', async () => {
  const readme = await readFile(join(packageFolder, 'README.md'), 'utf8')
  const example = /```ts\n(.*?)```/s.exec(readme)?.[1]
  expect(example).toContain('defineKeyFormat')
  const lines = await run(example ?? '')
  expect(lines).toEqual([
    'true match',
    expect.stringMatching(/^acme_live_[0-9a-z]{26}\*{4}[0-9A-Za-z]{4}$/),
    `GET /?key=${lines[1]}`,
    expect.stringMatching(/^8 82 key_[0-9a-z]{26}$/),
  ])
})

/** Inside the package, where its own name leads to its own doors. */
async function run(source: string): Promise<string[]> {
  await mkdir(join(packageFolder, '.reports'), { recursive: true })
  const folder = await mkdtemp(join(packageFolder, '.reports/readme-'))
  try {
    await writeFile(join(folder, 'example.ts'), source)
    const env = { PEPPERS: `v2:${pepper}` }
    const { stdout } = await promisify(execFile)(process.execPath, [join(folder, 'example.ts')], { env })
    return stdout.trim().split('\n')
  } finally {
    await rm(folder, { recursive: true })
  }
}
