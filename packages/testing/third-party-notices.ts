import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Options } from 'tsup'

type Plugin = NonNullable<Options['esbuildPlugins']>[number]

/** Writes the licences of packages of others that became part of the bundle, as they ask for. Fails when one has none. */
export function thirdPartyNotices(file: string): Plugin {
  return {
    name: 'third-party-notices',
    setup(build) {
      build.initialOptions.metafile = true
      build.onEnd(({ metafile }) => {
        const folders = new Set(Object.keys(metafile?.inputs ?? {}).filter((path) => path.includes('node_modules')).map(packageFolder))
        mkdirSync(dirname(file), { recursive: true }) // the bundler may not have made it yet
        writeFileSync(file, [...folders].toSorted().map(noticeOf).join('\n\n'))
      })
    },
  }
}

function packageFolder(path: string): string {
  const folder = dirname(path)
  const manifest = join(folder, 'package.json')
  return existsSync(manifest) && 'version' in readManifest(manifest) ? folder : packageFolder(folder)
}

function noticeOf(folder: string): string {
  const { name, version, license } = readManifest(join(folder, 'package.json'))
  const text = readdirSync(folder).find((file) => /^licen[cs]e/i.test(file))
  if (!text) throw new Error(`${folder} has no licence text`)
  return `${name} ${version} (${license})\n\n${readFileSync(join(folder, text), 'utf8').trim()}\n`
}

function readManifest(path: string): { name: string; version: string; license: string } {
  return JSON.parse(readFileSync(path, 'utf8')) as { name: string; version: string; license: string }
}
