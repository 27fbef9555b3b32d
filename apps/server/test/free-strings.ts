import { z } from 'zod'

type Json = z.core.JSONSchema.BaseSchema

/** A string that a caller chooses. */
export interface FreeString {
  /** `contacts.[].email`, `headers.*` */
  readonly path: string
  readonly maxLength: number | undefined
}

/** Every free string that a schema knows; enumerations are none. */
export function freeStringsOf(schema: z.ZodType): FreeString[] {
  return freeStrings(z.toJSONSchema(schema, { io: 'input' }), [])
}

function freeStrings(schema: Json, path: readonly string[]): FreeString[] {
  const within = (inner: unknown, ...names: string[]) =>
    typeof inner === 'object' && inner !== null ? freeStrings(inner as Json, [...path, ...names]) : []
  return [
    ...(schema.type === 'string' && !schema.enum ? [{ path: path.join('.'), maxLength: schema.maxLength }] : []),
    ...Object.entries(schema.properties ?? {}).flatMap(([name, inner]) => within(inner, name)),
    ...within(schema.items, '[]'),
    ...within(schema.additionalProperties, '*'),
    ...(schema.anyOf ?? []).flatMap((inner) => within(inner)),
  ]
}

/** The places of texts in a value: `['contacts', 0, 'email']`. */
export function textsIn(value: unknown, path: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (typeof value === 'string') return [path]
  if (typeof value !== 'object' || value === null) return []
  if (Array.isArray(value)) return value.flatMap((inner, i) => textsIn(inner, [...path, i]))
  return Object.entries(value).flatMap(([name, inner]) => textsIn(inner, [...path, name]))
}

/** A copy of the value in which the text at the path is another. */
export function changedAt(value: unknown, path: readonly (string | number)[], change: (text: string) => string): unknown {
  const [first, ...rest] = path
  if (first === undefined) return change(String(value))
  if (Array.isArray(value)) return value.map((inner, i) => (i === first ? changedAt(inner, rest, change) : inner))
  return Object.fromEntries(Object.entries(value as object).map(([name, inner]) => [name, name === first ? changedAt(inner, rest, change) : inner]))
}

/** The free string of the schema that stands at the path of a value. */
export function freeStringAt(strings: readonly FreeString[], path: readonly (string | number)[]): FreeString | undefined {
  return strings.find((string) => {
    const names = string.path.split('.')
    return names.length === path.length && names.every((name, i) => name === path[i] || name === '*' || (name === '[]' && typeof path[i] === 'number'))
  })
}
