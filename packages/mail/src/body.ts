import { encode, wrap } from 'nodemailer/lib/qp'

/** A text body ready for the wire: CRLF line ends, ASCII only. */
export interface EncodedBody {
  readonly encoding: '7bit' | 'quoted-printable'
  readonly content: string
}

const sevenBit = /^[\t\r\n\x20-\x7e]*$/
// RFC 5322 §2.1.1 allows 998 characters in a line; headroom for relays that count differently.
const longestLine = 900

/** Encodes a text body: as it is when it is short-lined ASCII, else quoted-printable (RFC 2045 §6.7). */
export function encodeBody(text: string): EncodedBody {
  const content = text.includes('\r') || text.includes('\n') ? text.replace(/\r\n|\r|\n/g, '\r\n') : text
  if (sevenBit.test(content) && !hasLongLine(content)) return { encoding: '7bit', content }
  return { encoding: 'quoted-printable', content: wrap(encode(content), 76) }
}

function hasLongLine(content: string): boolean {
  let start = 0
  for (let end = content.indexOf('\n'); end !== -1; end = content.indexOf('\n', start)) {
    if (end - start > longestLine) return true
    start = end + 1
  }
  return content.length - start > longestLine
}
