// HMAC-SHA-256 (RFC 2104) truncated to 80 bits (RFC 2104 §5); one-click unsubscribe: RFC 8058 §3.1.
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { CampaignId, ContactId } from '@letterlock/contract'
import { TypeID } from 'typeid-js'

/** One secret for unsubscribe links. Old ones stay listed as long as mails with their links are around. */
export interface UnsubscribeKey {
  /** One character of `0-9A-Za-z`, the first of each token made with this secret. */
  readonly version: string
  /** At least 32 bytes, used for nothing else. */
  readonly secret: string | Uint8Array
}

/** Whom an unsubscribe link is about. */
export interface UnsubscribeSubject {
  readonly campaignId: CampaignId
  readonly contactId: ContactId
}

/** Issues and reads the tokens of `/u/{token}`. */
export interface UnsubscribeTokens {
  /**
   * 57 characters of `0-9A-Za-z_-`, made with the newest secret.
   *
   * @throws {Error} when an id is not a `cmp_…` or `con_…` TypeID.
   */
  readonly issue: (subject: { readonly campaignId: string; readonly contactId: string }) => string
  /** `null` for anything that none of the secrets made. */
  readonly read: (token: string) => UnsubscribeSubject | null
}

const tokenShape = /^[0-9A-Za-z][0-9A-Za-z_-]{56}$/
const idsLength = 32
const macLength = 10

/**
 * Binds the unsubscribe tokens to their secrets, newest first.
 *
 * A token is the version, then base64url of the campaign's UUID, the contact's UUID and an HMAC over
 * version and ids: the link alone identifies the person and the campaign, and nobody can make one up.
 *
 * @throws {TypeError} when there is no secret, a secret is short, or a version is not one letter or digit.
 */
export function defineUnsubscribeTokens(keys: readonly UnsubscribeKey[]): UnsubscribeTokens {
  const newest = keys[0]
  if (newest === undefined) throw new TypeError('Unsubscribe tokens need at least one secret.')
  keys.forEach(checkKey)
  const secrets = new Map(keys.map((key) => [key.version, key.secret]))
  if (secrets.size !== keys.length) throw new TypeError('Two unsubscribe secrets have the same version.')
  return {
    issue: (subject) => {
      const ids = encodeIds(subject)
      const mac = authenticate(newest.secret, newest.version, ids)
      return newest.version + Buffer.concat([ids, mac]).toString('base64url')
    },
    read: (token) => {
      if (!tokenShape.test(token)) return null
      const secret = secrets.get(token.charAt(0))
      if (secret === undefined) return null
      const bytes = Buffer.from(token.slice(1), 'base64url')
      const ids = bytes.subarray(0, idsLength)
      const mac = authenticate(secret, token.charAt(0), ids)
      return timingSafeEqual(mac, bytes.subarray(idsLength)) ? decodeIds(ids) : null
    },
  }
}

function checkKey(key: UnsubscribeKey): void {
  if (!/^[0-9A-Za-z]$/.test(key.version)) throw new TypeError('The version of an unsubscribe secret is one letter or digit.')
  if (Buffer.byteLength(key.secret) < 32) throw new TypeError('An unsubscribe secret has at least 32 bytes.')
}

function authenticate(secret: string | Uint8Array, version: string, ids: Uint8Array): Buffer {
  const mac = createHmac('sha256', secret).update('unsubscribe').update(version).update(ids).digest()
  return mac.subarray(0, macLength)
}

function encodeIds(subject: { readonly campaignId: string; readonly contactId: string }): Buffer {
  return Buffer.concat([
    TypeID.fromString(subject.campaignId, 'cmp').toUUIDBytes(),
    TypeID.fromString(subject.contactId, 'con').toUUIDBytes(),
  ])
}

/** Only reached after the HMAC held, so the ids are those that `issue` was given: the casts brand them again. */
function decodeIds(ids: Buffer): UnsubscribeSubject {
  return {
    campaignId: TypeID.fromUUIDBytes('cmp', ids.subarray(0, 16)).toString() as string as CampaignId,
    contactId: TypeID.fromUUIDBytes('con', ids.subarray(16, idsLength)).toString() as string as ContactId,
  }
}
