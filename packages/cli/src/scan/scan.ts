/** Looks for keys where it is told to, and learns of each where it came from. */
import { statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { KeyFormat } from '@letterlock/keys'
import type { AllowList } from './allow-list.ts'
import { createFindHits } from './find-hits.ts'
import { allObjects, contentsOf } from './git/objects.ts'
import { originsOf } from './git/origins.ts'
import type { Origin } from './git/origins.ts'
import { askGit } from './git/run-git.ts'
import { stagedFiles } from './git/staged-files.ts'
import type { Note, Piece, Place } from './place.ts'
import { scanPiece } from './scan-piece.ts'
import type { Finding, ScanState } from './scan-piece.ts'
import { filesBelow } from './working-tree.ts'

export type ScanOptions = {
  readonly paths: readonly string[]
  /** `tree`: the files at the paths. `staged`: what the next commit has. `history`: the files, and all that git holds. */
  readonly where: 'tree' | 'staged' | 'history'
  readonly formats: readonly KeyFormat[]
  readonly allowed: AllowList
  /** Called before each file or object. */
  readonly onProgress: (progress: Progress) => void
}

export type Progress = { readonly files: number; readonly objects: number; readonly bytes: number }

export type TracedFinding = Finding & {
  /** Of an object of git: the first commit that has it. */
  readonly origin?: Origin
  /** Of a file: git is told to leave it out of commits. */
  readonly ignoredByGit?: boolean
}

export type ScanResult = Progress & {
  readonly findings: readonly TracedFinding[]
  readonly notes: readonly Note[]
}

/** @throws GitError when git is needed and absent, or there is no repository */
export async function scan(options: ScanOptions): Promise<ScanResult> {
  const findHits = createFindHits(options.formats)
  const state: ScanState = { findings: [], notes: [], bytes: 0 }
  const seen = { files: 0, objects: 0 }
  const traced: TracedFinding[] = []
  for (const { pieces, trace } of areasOf(options, await repositoriesOf(options))) {
    const before = state.findings.length
    for await (const piece of pieces) {
      options.onProgress({ ...seen, bytes: state.bytes })
      seen[piece.place.object === undefined || options.where === 'staged' ? 'files' : 'objects']++
      await scanPiece(piece, { findHits, state })
    }
    const found = state.findings.slice(before).filter(({ format, key }) => !options.allowed.has(format.redact(key.token)))
    traced.push(...(await trace(found)))
  }
  return withoutKeys({ ...seen, bytes: state.bytes, findings: traced, notes: state.notes }, options.formats)
}

/** A name of a file can have a key in it. */
function withoutKeys(result: ScanResult, formats: readonly KeyFormat[]): ScanResult {
  const redact = (text: string) => formats.reduce((redacted, format) => format.redactKeys(redacted), text)
  const redactPlace = (place: Place) => ({ ...place, path: redact(place.path), members: place.members.map(redact) })
  return {
    ...result,
    notes: result.notes.map((note) => ({ ...note, place: redactPlace(note.place) })),
    findings: result.findings.map(({ origin, ...finding }) => ({
      ...finding,
      place: redactPlace(finding.place),
      ...(origin !== undefined && { origin: { ...origin, ...(origin.path !== undefined && { path: redact(origin.path) }) } }),
    })),
  }
}

/** Something to go through, and how to learn where findings in it came from. */
type Area = {
  readonly pieces: Iterable<Piece> | AsyncIterable<Piece>
  readonly trace: (findings: readonly Finding[]) => Promise<readonly TracedFinding[]>
}

function* areasOf({ where, paths }: ScanOptions, repositories: readonly string[]): Generator<Area> {
  if (where === 'staged') {
    for (const folder of repositories) yield { pieces: stagedContents(folder), trace: async (findings) => findings }
    return
  }
  for (const path of paths) yield { pieces: filesBelow([path]), trace: (findings) => markIgnored(folderOf(path), findings) }
  for (const folder of repositories) yield { pieces: allObjects(folder), trace: (findings) => addOrigins(folder, findings) }
}

async function* stagedContents(folder: string): AsyncGenerator<Piece> {
  yield* contentsOf(folder, await stagedFiles(folder))
}

async function repositoriesOf({ where, paths }: ScanOptions): Promise<string[]> {
  if (where === 'tree') return []
  const folders = paths.map(async (path) => (await askGit(folderOf(path), ['rev-parse', '--absolute-git-dir'])).trimEnd())
  const repositories = new Map<string, string>()
  for (const [index, gitFolder] of (await Promise.all(folders)).entries()) repositories.set(gitFolder, folderOf(paths[index] ?? '.'))
  return [...repositories.values()]
}

async function addOrigins(folder: string, findings: readonly Finding[]): Promise<TracedFinding[]> {
  const oids = new Set(findings.flatMap(({ place }) => place.object?.oid ?? []))
  const origins = await originsOf(folder, oids)
  return findings.map((finding) => {
    const origin = origins.get(finding.place.object?.oid ?? '')
    return origin === undefined ? finding : { ...finding, origin }
  })
}

/** Without git, or outside of a repository, nothing is known to be ignored. */
async function markIgnored(folder: string, findings: readonly Finding[]): Promise<TracedFinding[]> {
  if (findings.length === 0) return []
  const paths = [...new Set(findings.map(({ place }) => resolve(place.path)))]
  const answer = await askGit(folder, ['check-ignore', '-z', '--stdin'], paths.join('\0')).catch(() => '')
  const ignored = new Set(answer.split('\0'))
  return findings.map((finding) => ({ ...finding, ignoredByGit: ignored.has(resolve(finding.place.path)) }))
}

function folderOf(path: string): string {
  return statSync(path).isDirectory() ? path : dirname(path)
}
