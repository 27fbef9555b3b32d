import { printable } from '../terminal/terminal.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { groupByKey } from './found-keys.ts'
import type { FoundKey } from './found-keys.ts'
import { showPlace } from './place.ts'
import type { Progress, ScanResult, TracedFinding } from './scan.ts'

/** Places of one key that are listed, and notes. */
const maxListed = 20

const kinds = { live: 'opens the live environment', test: 'opens the test environment', root: 'opens the management API' } as const

/** For people: keys one after the other, each with its places. */
export function reportText(result: ScanResult, terminal: Terminal, elapsedMs: number): void {
  const keys = groupByKey(result.findings)
  for (const key of keys) reportKey(key, terminal)
  for (const { place, what } of result.notes.slice(0, maxListed)) terminal.tell(`not looked into: ${printable(showPlace(place))} ${what}`)
  if (result.notes.length > maxListed) terminal.tell(`… and ${result.notes.length - maxListed} more that were not looked into`)
  const places = result.findings.length === 1 ? '1 place' : `${result.findings.length} places`
  const count = keys.length === 1 ? '1 key' : `${keys.length} keys`
  const verdict = keys.length === 0 ? 'no keys' : `${count} in ${places}`
  terminal.tell(`${verdict}; looked into ${describeWork(result)} in ${(elapsedMs / 1000).toFixed(1)} s`)
  if (keys.length > 0) terminal.tell('Rotate or revoke each of them: a key that others could read is no longer a secret, also when it is deleted here.')
}

/** `1,203 files, 4,032 git objects, 56.1 MB` */
export function describeWork({ files, objects, bytes }: Progress): string {
  const count = (number: number, what: string) => `${number.toLocaleString('en')} ${what}${number === 1 ? '' : 's'}`
  const parts = [count(files, 'file'), ...(objects > 0 ? [count(objects, 'git object')] : []), `${(bytes / 1e6).toFixed(1)} MB`]
  return parts.join(', ')
}

function reportKey({ key, mode, issuedAt, findings }: FoundKey, { out, style }: Terminal): void {
  const colour = mode === 'test' ? style.yellow : style.red
  out(`${colour(style.bold(key))}  ${mode}: ${kinds[mode]}; checksum right; issued ${new Date(issuedAt).toISOString()}`)
  for (const finding of findings.slice(0, maxListed)) out(`  ${placeOf(finding)}${style.dim(remarksOn(finding))}`)
  if (findings.length > maxListed) out(`  … and ${findings.length - maxListed} more places (--json has all)`)
}

function placeOf({ place, origin, line, column }: TracedFinding): string {
  const commit = origin === undefined && place.object?.type !== 'commit' ? [] : [`commit ${(origin?.commit ?? place.object?.oid ?? '').slice(0, 10)}`]
  const inCommit = place.object?.type === 'commit' ? [] : [printable(showPlace({ ...place, path: origin?.path ?? place.path }))]
  return `${[...commit, ...inCommit].join(' ')}:${line}:${column}`
}

function remarksOn({ encoding, ignoredByGit, inName, place, origin }: TracedFinding): string {
  const remarks = [
    ...(encoding === 'plain' ? [] : [encoding]),
    ...(ignoredByGit ? ['ignored by git'] : []),
    ...(origin === undefined ? [] : [`since ${origin.date}`]),
    ...(place.object?.type === 'blob' && place.path === '' && origin === undefined ? ['in no commit'] : []),
    ...(inName || place.object?.type === 'tree' ? ['in the name of a file'] : []),
    ...(place.object?.type === 'commit' ? ['in the message'] : []),
  ]
  return remarks.length === 0 ? '' : `  (${remarks.join(', ')})`
}
