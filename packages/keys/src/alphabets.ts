/** The two alphabets of a key, and for each the value of every ASCII character. */

/** Base62 as in GitHub tokens: digits, then upper case, then lower case. */
export const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** Crockford base32, lower case, as in TypeIDs: no i, l, o, u. */
export const base32 = '0123456789abcdefghjkmnpqrstvwxyz'

/** Set in the value of a character outside the alphabet; the values inside are below it. */
export const outside = 128

export const base62Values = /* @__PURE__ */ valuesOf(base62)

export const base32Values = /* @__PURE__ */ valuesOf(base32)

/** Value of the character at `index`; 128 or more when it is not in the alphabet or past the end. */
export function valueAt(values: Uint8Array, text: string, index: number): number {
  return valueOf(values, text.charCodeAt(index))
}

/** Value of the character with this code; 128 or more when it is not in the alphabet. Does not branch. */
export function valueOf(values: Uint8Array, code: number): number {
  return (values[code & 127] as number) | (code & ~127) // index ≤ 127
}

/** The number in so many characters of an alphabet, padded with its first one. */
export function spell(number: number, alphabet: string, length: number): string {
  let text = ''
  for (let rest = number; text.length < length; rest = Math.floor(rest / alphabet.length)) {
    text = alphabet.charAt(rest % alphabet.length) + text
  }
  return text
}

function valuesOf(alphabet: string): Uint8Array {
  const values = new Uint8Array(128).fill(outside)
  for (let value = 0; value < alphabet.length; value++) values[alphabet.charCodeAt(value)] = value
  return values
}
