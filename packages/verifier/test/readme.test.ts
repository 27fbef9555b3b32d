/** The first example of the README runs as it stands there, and those for Hono compile and answer. */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const packageFolder = fileURLToPath(new URL('..', import.meta.url))

test('the examples of README.md run, the door behind the verifier', async () => {
  const readme = await readFile(join(packageFolder, 'README.md'), 'utf8')
  const [embedding = '', door = '', handler = ''] = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code)
  const use = "for (const v of [1, 2]) console.log((await app.request(`/v${v}/contacts`)).status)\n"
  const doors = door + handler
  const source = embedding.replace('await verifier.stop()', `${doors.replaceAll(/^import .*$/gm, '')}${use}await verifier.stop()`)
  expect(await run(`${(doors.match(/^import .*$/gm) ?? []).join('\n')}\n${source}`)).toEqual(['invalid_key true function', '401', '401'])
})

/** Inside the package, where its own name leads to its own doors. */
async function run(source: string): Promise<string[]> {
  await mkdir(join(packageFolder, '.reports'), { recursive: true })
  const folder = await mkdtemp(join(packageFolder, '.reports/readme-'))
  try {
    await writeFile(join(folder, 'example.ts'), source)
    const env = { PEPPERS: `v1:${Buffer.from(Array.from({ length: 32 }, (_, i) => i * 5)).toString('base64')}` }
    const { stdout } = await promisify(execFile)(process.execPath, [join(folder, 'example.ts')], { env })
    return stdout.trim().split('\n')
  } finally {
    await rm(folder, { recursive: true })
  }
}
