/** Turns zod schemas into TypeScript declarations by way of their JSON Schema. Unions stay closed, so that they narrow. */
import { z } from 'zod'

/** `input`: what a caller sends, readonly. `output`: what the server answers. */
export type Direction = 'input' | 'output'

/** The name of a declaration, and the comment over it. */
export interface Title {
  readonly name: string
  readonly doc: string
}

type Json = z.core.JSONSchema.BaseSchema

/** An object that several procedures answer gets a name when it has at least so many members. */
const namedFrom = 4

/** Collects declarations. Look at all schemas before the first is declared: what is answered often is named once. */
export class TypeWriter {
  readonly #text = new Map<string, string>()
  readonly #seen = new Map<string, { readonly name: string; readonly times: number }>()
  readonly #nameOf = new Map<string, string>()

  /** Counts the objects of an answer, to name those that are answered again elsewhere: by their title, or where they stand. */
  lookAt(schema: z.ZodType, router: string) {
    walk(jsonSchema(schema, 'output'), '', (object, member) => {
      const key = JSON.stringify(object)
      const name = singular(member === 'data' || member === '' ? router : member)
      const before = this.#seen.get(key)
      const isOwn = name === singular(router)
      this.#seen.set(key, { name: object.title ?? (before && !isOwn ? before.name : capital(name)), times: (before?.times ?? 0) + 1 })
    })
  }

  declareEnum(name: string, values: readonly string[], doc: string) {
    this.#text.set(name, `/** ${doc} */\nexport type ${name} =${values.map((value) => `\n  | '${value}'`).join('')}`)
    this.#nameOf.set(JSON.stringify(values), name)
  }

  declarations(): string[] {
    return [...this.#text.values()]
  }

  /** Declares the schema; answers the name to use. */
  declare(schema: z.ZodType, direction: Direction, title: Title): string {
    const json = jsonSchema(schema, direction)
    return this.#nameOf.get(json.properties ? direction + JSON.stringify(json) : '') ?? this.#add(json, direction, title)
  }

  #add(schema: Json, direction: Direction, { name, doc }: Title): string {
    if (this.#text.has(name)) throw new Error(`two declarations would be called ${name}`)
    this.#text.set(name, '') // keeps its place before what it names
    const body = this.#type(schema, direction, { indent: '', isRoot: true })
    const declaration = body.startsWith('{') && !body.includes('\n} | ') ? `interface ${name} ${body}` : `type ${name} = ${body}`
    this.#text.set(name, `/** ${doc} */\nexport ${declaration}`)
    return name
  }

  #type(schema: Json, direction: Direction, at: { indent: string; isRoot?: boolean }): string {
    if (schema.$ref) return this.#jsonValue()
    if (schema.const !== undefined) return literal(schema.const)
    if (schema.enum) return this.#nameOf.get(JSON.stringify(schema.enum)) ?? union(schema.enum.map(literal))
    const options = (schema.anyOf ?? schema.oneOf) as Json[] | undefined
    if (options) return union(options.map((option) => this.#type(option, direction, at)))
    if (Array.isArray(schema.type)) return union(schema.type.map(primitive))
    if (schema.type === 'array') return this.#array(schema, direction, at)
    if (schema.type === 'object') return (at.isRoot ? null : this.#named(schema, direction)) ?? this.#object(schema, direction, at)
    return primitive(schema.type)
  }

  /** The name of an object that is answered in several places; null when it has none. */
  #named(schema: Json, direction: Direction): string | null {
    const key = JSON.stringify(schema)
    const known = this.#nameOf.get(direction + key)
    if (known) return known
    const seen = this.#seen.get(key)
    const isFree = seen !== undefined && !this.#text.has(seen.name) && !(seen.name in globalThis) // `Request` is the runtime's
    if (direction === 'input' || !isFree || seen.times < 2) return null
    this.#nameOf.set(direction + key, seen.name)
    return this.#add(schema, direction, { name: seen.name, doc: `\`${seen.name}\` as the server answers it.` })
  }

  #array(schema: Json, direction: Direction, { indent }: { indent: string }): string {
    const item = this.#type(schema.items as Json, direction, { indent })
    const isCompound = (schema.items as Json).type === 'object' ? false : item.includes(' | ') || item.startsWith('readonly ')
    return `${direction === 'input' ? 'readonly ' : ''}${isCompound ? `(${item})` : item}[]`
  }

  #object(schema: Json, direction: Direction, { indent }: { indent: string }): string {
    const fields = Object.entries(schema.properties ?? {}) as [string, Json][]
    const readonly = direction === 'input' ? 'readonly ' : ''
    if (fields.length === 0 && typeof schema.additionalProperties === 'object') {
      return `{ ${readonly}[name: string]: ${this.#type(schema.additionalProperties as Json, direction, { indent })} }`
    }
    if (fields.length === 0) return 'Readonly<Record<never, never>>'
    const inner = `${indent}  `
    const lines = fields.flatMap(([name, field]) => {
      const optional = !(schema.required ?? []).includes(name)
      const type = this.#type(field, direction, { indent: inner })
      const comment = fieldDoc(field, direction)
      const declared = `${inner}${readonly}${name}${optional ? '?' : ''}: ${type}${optional && readonly ? ' | undefined' : ''}`
      return [...(comment ? [`${inner}/** ${comment} */`] : []), declared]
    })
    return `{\n${lines.join('\n')}\n${indent}}`
  }

  /** The only schema that names itself is that of any JSON. */
  #jsonValue(): string {
    const body = 'string | number | boolean | null | JsonValue[] | { [name: string]: JsonValue }'
    this.#text.set('JsonValue', `/** Anything that JSON can hold. */\nexport type JsonValue = ${body}`)
    return 'JsonValue'
  }
}

/** A schema that JSON Schema cannot express says in `readAs` which one it is read as. */
function jsonSchema(schema: z.ZodType, io: Direction): Json {
  return z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    override: ({ jsonSchema: made }) => {
      const { readAs } = made
      if (readAs instanceof z.ZodType) Object.assign(made, jsonSchema(readAs, io), { readAs: undefined, $schema: undefined })
    },
  })
}

function walk(schema: Json, member: string, see: (object: Json, member: string) => void) {
  if (schema.type === 'object' && Object.keys(schema.properties ?? {}).length >= namedFrom) see(schema, member)
  for (const [name, field] of Object.entries(schema.properties ?? {})) walk(field as Json, name, see)
  if (schema.items) walk(schema.items as Json, member, see)
  for (const option of [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])]) walk(option as Json, member, see)
}

function fieldDoc(declared: Json, direction: Direction): string {
  const field = withoutNull(declared)
  const parts = [
    field.description,
    field.format === 'date-time' && 'RFC 3339.',
    typeof field.example === 'string' && field.format !== 'date-time' && `Such as \`${field.example}\`.`,
    direction === 'input' && bounds(field),
    direction === 'input' && field.default !== undefined && `Default \`${JSON.stringify(field.default).replaceAll('"', '')}\`.`,
  ]
  return parts.filter(Boolean).join(' ')
}

/** What a field is when it is not null, with what is said of both. */
function withoutNull({ anyOf, ...field }: Json): Json {
  const options = (anyOf as Json[] | undefined)?.filter(({ type }) => type !== 'null') ?? []
  return options.length === 1 ? { ...options[0], ...field } : { ...field, ...(anyOf && { anyOf }) }
}

function bounds(field: Json): string {
  if (field.minimum !== undefined) return field.maximum === Number.MAX_SAFE_INTEGER ? `At least ${field.minimum}.` : `${field.minimum} to ${field.maximum}.`
  if (field.maxItems !== undefined) return `At most ${field.maxItems}.`
  if (field.maxLength !== undefined && field.format !== 'date-time') return `At most ${field.maxLength} characters.`
  return ''
}

function literal(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : String(value)
}

function primitive(type: unknown): string {
  const known: Record<string, string> = { string: 'string', number: 'number', integer: 'number', boolean: 'boolean', null: 'null' }
  const name = known[String(type)]
  if (!name) throw new Error(`no TypeScript for JSON Schema type ${String(type)}; say in .meta({ readAs }) which schema it is`)
  return name
}

function union(types: readonly string[]): string {
  return [...new Set(types)].join(' | ')
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

function singular(name: string): string {
  return name.endsWith('ies') ? `${name.slice(0, -3)}y` : name.replace(/s$/, '')
}
