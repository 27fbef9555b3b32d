/** Seals a secret under a link: HKDF (RFC 5869) with SHA-256, then AES-256-GCM (NIST SP 800-38D). */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import type { SecretShareId } from '@letterlock/contract'

/** A secret that only its link opens. Of these, the link token alone is not stored. */
export interface SealedSecret {
  /** What the link says: 43 characters of base64url, 32 random bytes. */
  readonly linkToken: string
  /** Finds the share; 32 bytes. */
  readonly lookup: Uint8Array
  /** Nonce, ciphertext and tag. */
  readonly sealed: Uint8Array
}

/** Seals a secret for a share under a new link. */
export function sealSecret(secret: string, id: SecretShareId): SealedSecret {
  const link = randomBytes(32)
  const nonce = randomBytes(nonceLengthBytes)
  const cipher = createCipheriv('aes-256-gcm', derive(link, 'seal'), nonce).setAAD(Buffer.from(id))
  const ciphertext = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()])
  return { linkToken: link.toString('base64url'), lookup: derive(link, 'lookup'), sealed: Buffer.concat([nonce, ciphertext, cipher.getAuthTag()]) }
}

/** What finds the share of a link token; null when the text is none. */
export function lookupOf(linkToken: string): Uint8Array | null {
  const link = readLink(linkToken)
  return link && derive(link, 'lookup')
}

/** @throws Error when the seal belongs to another link or share, or was changed */
export function unsealSecret(sealed: Uint8Array, { linkToken, id }: { readonly linkToken: string; readonly id: SecretShareId }): string {
  const link = readLink(linkToken)
  if (!link) throw new Error('not a link token')
  const ciphertextEnd = sealed.length - tagLengthBytes
  const decipher = createDecipheriv('aes-256-gcm', derive(link, 'seal'), sealed.subarray(0, nonceLengthBytes), { authTagLength: tagLengthBytes })
  decipher.setAAD(Buffer.from(id)).setAuthTag(sealed.subarray(ciphertextEnd))
  return Buffer.concat([decipher.update(sealed.subarray(nonceLengthBytes, ciphertextEnd)), decipher.final()]).toString('utf8')
}

const nonceLengthBytes = 12
const tagLengthBytes = 16

/** Only the one canonical text of 32 bytes. */
function readLink(linkToken: string): Buffer | null {
  if (!/^[\w-]{43}$/.test(linkToken)) return null
  const link = Buffer.from(linkToken, 'base64url')
  return link.toString('base64url') === linkToken ? link : null
}

function derive(link: Uint8Array, purpose: 'lookup' | 'seal'): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', link, 'letterlock secret share', purpose, 32))
}
