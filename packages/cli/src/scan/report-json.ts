import type { Terminal } from '../terminal/terminal.ts'
import { groupByKey } from './found-keys.ts'
import { showPlace } from './place.ts'
import type { ScanResult, TracedFinding } from './scan.ts'

/** For programs: one JSON document. */
export function reportJson(result: ScanResult, terminal: Terminal, elapsedMs: number): void {
  const keys = groupByKey(result.findings).map(({ key, keyId, mode, issuedAt, findings }) => ({
    key, keyId, mode, checksum: 'right', issuedAt: new Date(issuedAt).toISOString(), places: findings.map(placeOf),
  }))
  const notes = result.notes.map(({ place, what, failed }) => ({ path: showPlace(place), what, failed }))
  const { files, objects, bytes } = result
  terminal.out(JSON.stringify({ keys, notes, files, objects, bytes, elapsedMs }, null, 2))
}

function placeOf({ place, line, column, encoding, origin, ignoredByGit, inName }: TracedFinding) {
  return {
    path: origin?.path ?? (place.path || null),
    members: place.members,
    line,
    column,
    encoding,
    ...(place.object !== undefined && { object: place.object, commit: origin?.commit ?? null, date: origin?.date ?? null }),
    ...(inName && { inName }),
    ...(ignoredByGit !== undefined && { ignoredByGit }),
  }
}
