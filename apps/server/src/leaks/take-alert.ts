import { createHash } from 'node:crypto'
import { leaks } from '@letterlock/db'
import { failure, type Failure, invalid, isFailure } from '../http/failure.ts'
import { actOnFound, type LeakDeps } from './act-on-found.ts'
import { type GithubFinding, isSignedBy, readAlert } from './github-alert.ts'
import type { GithubKeys } from './github-keys.ts'

export interface AlertDeps extends LeakDeps {
  readonly githubKeys: GithubKeys
  /** Cuts keys out of the addresses where they were found. */
  readonly redact: (text: string) => string
}

/** What GitHub is told of a token it found, by the SHA-256 of the token as hexadecimal digits. */
export interface Feedback {
  readonly token_hash: string
  readonly token_type: string
  readonly label: 'true_positive' | 'false_positive'
}

/**
 * The protocol for partners of GitHub's secret scanning: the signature first, over the bytes as they came; then once,
 * whoever sends a copy.
 */
export async function takeAlert(deps: AlertDeps, request: Request): Promise<readonly Feedback[] | Failure> {
  const [identifier, signature] = [request.headers.get('github-public-key-identifier'), request.headers.get('github-public-key-signature')]
  if (!identifier || !signature) return unsigned
  const body = await readBody(request)
  if (!body) return tooLarge
  const key = await deps.githubKeys.find(identifier).catch((error: unknown) => {
    deps.log.warn({ err: error }, 'an alert of GitHub cannot be proven: its public keys are out of reach')
    return unreachable
  })
  if (key !== null && isFailure(key)) return key
  if (!key || !isSignedBy(key, body, signature)) return badSignature
  const digest = createHash('sha256').update(body).digest()
  if (await leaks.isKnownMessage(deps.db, digest)) return repeated
  const findings = readAlert(body)
  if (!findings) return malformed
  const feedback = await actOnAll(deps, findings)
  await leaks.noteMessage(deps.db, digest, deps.clock())
  return feedback
}

/** A few at a time; GitHub waits 30 s. */
async function actOnAll(deps: AlertDeps, findings: readonly GithubFinding[]): Promise<Feedback[]> {
  const feedback: Feedback[] = []
  const waiting = findings.entries()
  const work = async () => {
    for (const [index, { token, type, url, source: kind }] of waiting) {
      const place = { source: 'github', kind, url: url && deps.redact(url), reporterIp: null } as const
      const isOurs = await actOnFound(deps, token, place)
      const tokenHash = createHash('sha256').update(token).digest('hex')
      feedback[index] = { token_hash: tokenHash, token_type: type, label: isOurs ? 'true_positive' : 'false_positive' }
    }
  }
  await Promise.all(Array.from({ length: 8 }, work))
  return feedback
}

const maxAlertBytes = 4_194_304

/** Null when it is larger than 4 MiB. */
async function readBody(request: Request): Promise<Uint8Array | null> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of (request.body ?? []) as AsyncIterable<Uint8Array>) { // Node's streams iterate
    size += chunk.byteLength
    if (size > maxAlertBytes) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

const unsigned = invalid([{ path: '', message: 'the headers Github-Public-Key-Identifier and Github-Public-Key-Signature are needed' }])
const badSignature = invalid([{ path: '', message: 'no key of GitHub has signed this body' }])
const malformed = invalid([{ path: '', message: 'expected an array of { token, type, url, source }' }])
const repeated = failure('already_exists', 'This message was acted upon before.')
const tooLarge = failure('payload_too_large', 'The body is larger than 4 MiB.')
const unreachable = failure('unavailable', 'The public keys of GitHub are out of reach. Try again.', { retryAfterSeconds: 60 })
