/** Peppers: secrets of the server that go into every digest, several at once so that they can change. */
import { createSecretKey } from 'node:crypto'
import type { KeyObject } from 'node:crypto'

/** One pepper. Its secret is a KeyObject, which prints, inspects and serialises without its bytes. */
export type Pepper = {
  /** `v1`, `v2`, …: stored beside each digest. */
  readonly version: string
  readonly key: KeyObject
}

/** At least one, the newest first: it makes new digests, the others only check old ones. */
export type Peppers = readonly [Pepper, ...Pepper[]]

/** A pepper before it is checked. */
export type PepperEntry = { readonly version: string; readonly secret: Uint8Array }

/** What can be wrong with a list of peppers. */
export type PepperFault = 'none' | 'bad_entry' | 'bad_version' | 'bad_order' | 'too_short' | 'too_long' | 'weak' | 'repeated'

/** Peppers that cannot be used; the message never contains any of the text that was given. */
export class PepperError extends Error {
  override readonly name = 'PepperError'
  readonly code: PepperFault

  constructor(code: PepperFault, message: string) {
    super(message)
    this.code = code
  }
}

const minSecretBytes = 32
const maxSecretBytes = 1024
const minDifferentBytes = 8
const versionShape = /^v[1-9][0-9]{0,8}$/
const base64Shape = /^[0-9A-Za-z+/_-]+={0,2}$/

/**
 * Peppers from a setting, newest first: `v2:base64,v1:base64` (base64url is fine too).
 *
 * @example
 * const peppers = parsePeppers(process.env.LETTERLOCK_PEPPERS ?? '')
 * @throws PepperError with a code when one of them cannot be used
 */
export function parsePeppers(text: string): Peppers {
  if (text.trim() === '') throw new PepperError('none', 'no pepper given; expected v1:<base64 of 32 random bytes>')
  return definePeppers(text.split(',').map(parseEntry))
}

/**
 * Peppers from bytes, newest first. Each has 32 to 1024 random bytes; versions are `v1`, `v2`, … and
 * fall from left to right, so that an old pepper cannot become the newest by accident.
 *
 * @throws PepperError with a code when one of them cannot be used
 */
export function definePeppers(entries: readonly PepperEntry[]): Peppers {
  entries.forEach(checkEntry)
  const [newest, ...older] = entries.map(({ version, secret }) => ({ version, key: createSecretKey(secret) }))
  if (newest === undefined) throw new PepperError('none', 'no pepper given')
  return [newest, ...older]
}

function parseEntry(text: string, index: number): PepperEntry {
  const entry = text.trim()
  const colon = entry.indexOf(':')
  const encoded = entry.slice(colon + 1)
  if (colon === -1 || !base64Shape.test(encoded)) {
    throw new PepperError('bad_entry', `pepper ${index + 1} is not of the form v1:<base64>`)
  }
  return { version: entry.slice(0, colon), secret: Buffer.from(encoded, 'base64') }
}

function checkEntry({ version, secret }: PepperEntry, index: number, entries: readonly PepperEntry[]): void {
  const fail = (code: PepperFault, problem: string): never => {
    throw new PepperError(code, `pepper ${index + 1} ${problem}`)
  }
  if (!versionShape.test(version)) fail('bad_version', 'has a version that is not v1, v2, …')
  const before = entries[index - 1]
  if (before !== undefined && numberOf(version) >= numberOf(before.version)) {
    fail('bad_order', `(${version}) must be older than the one before it (${before.version}); the newest comes first`)
  }
  if (secret.length < minSecretBytes) fail('too_short', `(${version}) has ${secret.length} bytes; at least 32 are needed`)
  if (secret.length > maxSecretBytes) fail('too_long', `(${version}) has ${secret.length} bytes; at most 1024 are allowed`)
  if (new Set(secret).size < minDifferentBytes) fail('weak', `(${version}) is not random`)
  if (entries.slice(0, index).some((other) => sameBytes(other.secret, secret))) {
    fail('repeated', `(${version}) has the secret of another version`)
  }
}

function numberOf(version: string): number {
  return Number(version.slice(1))
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}
