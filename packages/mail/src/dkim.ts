// DKIM: RFC 6376, relaxed/relaxed, rsa-sha256. RFC 8058 §4: the signature covers both List-Unsubscribe headers.
import DKIM from 'nodemailer/lib/dkim'
import type { ComposedMessage } from './compose.ts'

/** The signing key of one sending domain. */
export interface DkimKey {
  readonly domain: string
  readonly selector: string
  /** RSA, PEM. */
  readonly privateKey: string
}

// nodemailer's own list has no List-Unsubscribe-Post; RFC 8058 wants it covered.
const headerFieldNames = [
  'From', 'Reply-To', 'Subject', 'Date', 'Message-ID', 'To', 'MIME-Version', 'Content-Type',
  'Content-Transfer-Encoding', 'List-Unsubscribe', 'List-Unsubscribe-Post', 'List-Id', 'In-Reply-To', 'References',
].join(':')

/**
 * Signs a message for its domain.
 *
 * @throws {Error} when the key cannot sign: a mail of a domain with a key never leaves unsigned.
 */
export async function signMessage(message: ComposedMessage, key: DkimKey): Promise<ComposedMessage> {
  const signer = new DKIM({ domainName: key.domain, keySelector: key.selector, privateKey: key.privateKey, headerFieldNames })
  const chunks: Buffer[] = []
  for await (const chunk of signer.sign(message.raw)) chunks.push(chunk as Buffer)
  const raw = Buffer.concat(chunks)
  // nodemailer leaves the signature out when the key is no good, without a word.
  if (!raw.subarray(0, 15).equals(Buffer.from('DKIM-Signature:'))) throw new Error(`The DKIM key of ${key.domain} cannot sign.`)
  return { ...message, raw }
}
