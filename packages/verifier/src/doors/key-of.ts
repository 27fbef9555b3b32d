import type { KeyRecord } from '../index.ts'

const key = Symbol('letterlock.key')

/** Notes the key that opened the door for a request. */
export function noteKey(request: object, record: KeyRecord): void {
  Object.assign(request, { [key]: record })
}

/**
 * The key that opened the door for a request.
 * @throws Error when no door was passed: the route is not protected
 */
export function keyOf(request: object): KeyRecord {
  const record = (request as { [key]?: KeyRecord })[key]
  if (!record) throw new Error('No key was asked for this request: put requireKey() before the handler.')
  return record
}
