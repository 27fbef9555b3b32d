/**
 * The token of an `Authorization` header of the Bearer scheme (RFC 6750 §2.1, the scheme in any case);
 * null when there is none.
 */
export function bearerToken(authorization: string | null | undefined): string | null {
  if (!authorization) return null
  if (isPlain(authorization)) return authorization.slice(7)
  return /^bearer +(\S.*)$/i.exec(authorization)?.[1]?.trim() ?? null
}

/** As nearly every client writes it: nothing to trim. */
function isPlain(authorization: string): boolean {
  return authorization.startsWith('Bearer ') && authorization.charCodeAt(7) > 32 && authorization.charCodeAt(authorization.length - 1) > 32
}
