/**
 * Reads a `Letterlock-Min-Revision` header, with which a caller asks that what he just changed is seen;
 * undefined when it is absent, null when it is no revision.
 */
export function minRevisionOf(header: string | null | undefined): number | null | undefined {
  if (header === undefined || header === null) return undefined
  return /^\d{1,15}$/.test(header) ? Number(header) : null
}
