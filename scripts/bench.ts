// `npm run bench`: runs every `bench/src/*.bench.ts`, one after the other; `npm run bench -- <name>` runs one.
import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { runInForeground } from './child-process.mjs'

const suffix = '.bench.ts'
const folder = join(dirname(import.meta.dirname), 'bench')
const sources = join(folder, 'src')
const names = (existsSync(sources) ? readdirSync(sources) : [])
  .filter((file) => file.endsWith(suffix))
  .map((file) => file.slice(0, -suffix.length))
  .sort()

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !names.includes(name))
if (names.length === 0 || unknown.length > 0) {
  console.error(`no benchmark ${unknown.join(', ')} in bench/src, there are: ${names.join(' ') || 'none'}`)
  process.exit(1)
}

for (const name of wanted.length > 0 ? wanted : names) {
  console.log(`\n── ${name}`)
  const { code } = await runInForeground('node', ['--expose-gc', `src/${name}${suffix}`], { cwd: folder })
  if (code !== 0) process.exitCode = 1
}
