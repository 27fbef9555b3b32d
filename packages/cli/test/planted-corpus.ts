/** Files and commits of every kind with keys planted in them, in every way that a scan promises to find, and with decoys. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { keyModes, letterlockKeys } from '@letterlock/keys'
import { filler, fillers } from './filler.ts'
import { tarArchive } from './tar-archive.ts'
import { zipArchive } from './zip-archive.ts'

export type Corpus = {
  readonly folder: string
  /** Redacted, those of the history included. */
  readonly planted: readonly string[]
  /** Those that are in the files as well. */
  readonly plantedInFiles: readonly string[]
}

/** Ways to write a key into a text. */
const spellings: readonly ((token: string) => string | Buffer)[] = [
  (token) => `const client = new Letterlock({ apiKey: '${token}' })`,
  (token) => `LETTERLOCK_API_KEY=${token}\r\n`,
  (token) => `curl -H "Authorization: Bearer ${token}" https://mail.example.com/v1/key`,
  (token) => JSON.stringify(JSON.stringify({ env: `\n${token}\n` })),
  (token) => `https://example.com/?next=%2F%3Fkey%3D${token}%26x`,
  (token) => `x${token}${token.slice(0, 40)}`,
  (token) => `  apiKey: ${base64(token)}\n`,
  (token) => `Authorization: Basic ${base64(`${token}:`)}`,
  (token) => `Authorization: Basic ${base64(`ada:${token}`)}`,
  (token) => `"auth": "${Buffer.from(`ab${token}cd`).toString('base64url')}"`,
  (token) => base64(`user-${token}-and more that follows it, over several lines`).replace(/.{1,76}/g, '    $&\n'),
  (token) => base64(`{"k":"${token}"}`).replace(/.{1,60}/g, '  "$&" +\n'),
  (token) => Buffer.from(`\n$env:KEY = "${token}"\r\n`, 'utf16le'),
  (token) => Buffer.from(`KEY=${token}`, 'utf16le').swap16(),
]

/** Texts like keys that are none. */
const decoys: readonly ((token: string) => string)[] = [
  (token) => letterlockKeys.redact(token),
  (token) => token.slice(0, -1),
  (token) => token.slice(0, -1) + (token.endsWith('A') ? 'B' : 'A'),
  (token) => token.replace('ll_', 'xx_'),
  (token) => `key_${token.slice(8, 34)}`,
  (token) => base64(token.slice(0, 60)),
  (token) => token.toUpperCase(),
]

/** Ways to put a text into a file. */
const wrappings: readonly ((text: Buffer, name: string) => readonly [string, Buffer])[] = [
  (text, name) => [name, text],
  (text, name) => [name, text],
  (text, name) => [name, text],
  (text, name) => [`${name}.gz`, gzipSync(text)],
  (text, name) => [`${name}.tar`, tarArchive({ 'README': 'nothing', 'src/file': text })],
  (text, name) => [`${name}.tgz`, gzipSync(tarArchive({ 'package/dist/file.js': text }))],
  (text, name) => [`${name}.jar`, zipArchive({ 'META-INF/MANIFEST.MF': 'x', 'config.properties': text })],
  (text, name) => [`${name}.zip`, zipArchive({ 'inner.tgz': gzipSync(tarArchive({ 'deep.env': text })) })],
]

/** Makes a git repository in `folder` (which must not exist) with so many keys and bytes, a tenth of both in its history alone. */
export function plantCorpus(folder: string, { keys, megabytes }: { readonly keys: number; readonly megabytes: number }): Corpus {
  const git = (...args: string[]) => execFileSync('git', ['-C', folder, '-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', '-c', 'gc.auto=0', ...args], { stdio: 'pipe' })
  mkdirSync(folder)
  git('init', '--quiet', '--initial-branch', 'main')
  const tokens = Array.from({ length: keys }, (_, index) => issue(index))
  const inHistory = Math.ceil(keys / 10)
  const bytesPerKey = (megabytes * 1e6) / keys
  plantInHistory(folder, tokens.slice(0, inHistory), { git, bytesPerKey })
  for (const [index, token] of tokens.slice(inHistory).entries()) write(folder, ...plantedFile(token, index, bytesPerKey))
  const planted = tokens.map(letterlockKeys.redact)
  return { folder, planted, plantedInFiles: planted.slice(inHistory) }
}

/** Keys in files that were deleted, in messages, tags, stashes, other branches, and in commits that no branch has. */
function plantInHistory(folder: string, tokens: readonly string[], { git, bytesPerKey }: { git: (...args: string[]) => void; bytesPerKey: number }): void {
  const commit = (message: string) => git('commit', '--quiet', '--allow-empty', '-m', message)
  commit('Begin')
  for (const [index, token] of tokens.entries()) {
    const [name, content] = plantedFile(token, index, bytesPerKey)
    const way = index % 7
    if (way === 0) commit(`Use ${token}`)
    else if (way === 1) git('tag', '-a', `v${index}`, '-m', `Released with ${token}`)
    else if (way === 2) write(folder, `named-${token}`, Buffer.from('by its name'))
    else write(folder, name, content)
    git('add', '--all')
    if (way === 3) git('stash', 'push', '--quiet')
    else if (way === 4) git('reset', '--quiet', '--hard') // added, never committed
    else if (way > 1) {
      commit(`Add ${index}`)
      if (way === 5) git('reset', '--quiet', '--hard', 'HEAD~1')
      else git('rm', '-r', '--quiet', '--ignore-unmatch', name, `named-${token}`)
    }
  }
  commit('Clean up')
  if (tokens.length > 20) git('repack', '-a', '-d', '-q', '--keep-unreachable')
}

function plantedFile(token: string, index: number, bytes: number): readonly [string, Buffer] {
  const size = Math.round(bytes * (0.2 + 1.6 * ((index % 97) / 96)))
  const start = Math.floor(size * ((index % 13) / 12))
  const decoy = decoys[index % decoys.length]?.(issue(index)) ?? ''
  const spelled = Buffer.from((spellings[index % spellings.length]?.(token) ?? '') as string)
  const kind = fillers[index % fillers.length] ?? 'source'
  const text = Buffer.concat([filler(kind, start, index), Buffer.from(`\n${decoy}\n`), spelled, Buffer.from('\n'), filler(kind, size - start, index + 7)])
  return wrappings[index % wrappings.length]?.(text, `area-${index % 20}/part-${index % 5}/${kind}-${index}`) ?? ['', text]
}

function issue(index: number): string {
  return letterlockKeys.issue({ mode: keyModes[index % keyModes.length] ?? 'live' }).token
}

function write(folder: string, name: string, content: Buffer): void {
  const path = join(folder, name)
  mkdirSync(dirname(path), { recursive: true })
  rmSync(path, { force: true })
  writeFileSync(path, content)
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}
