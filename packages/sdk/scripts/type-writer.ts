/** Turns zod schemas into TypeScript declarations by way of their JSON Schema. */
import { z } from 'zod'

/** `input`: what a caller sends, closed and readonly. `output`: what the server answers, open to new values. */
export type Direction = 'input' | 'output'

/** The name of a declaration, and the comment over it. */
export interface Title {
  readonly name: string
  readonly doc: string
}

type Json = z.core.JSONSchema.BaseSchema

/** Collects declarations; a schema that was declared before is named, not repeated. */
export class TypeWriter {
  readonly #text = new Map<string, string>()
  readonly #enums = new Map<string, readonly string[]>()
  readonly #nameOf = new Map<string, string>()

  /** Declares an open enumeration; where its values appear, its name is written. */
  declareEnum(name: string, values: readonly string[], doc: string) {
    const members = [...values.map((value) => `'${value}'`), '(string & {})'].map((member) => `\n  | ${member}`)
    this.#text.set(name, `/** ${doc} */\nexport type ${name} =${members.join('')}`)
    this.#enums.set(name, values)
  }

  declarations(): string[] {
    return [...this.#text.values()]
  }

  /** Declares the schema under its own id, or else under the name given; answers the name to use. */
  declare(schema: z.ZodType, direction: Direction, title: Title): string {
    const root = z.toJSONSchema(z.object({ it: schema }), { io: direction })
    const it = root.properties?.it as Json
    for (const [id, definition] of Object.entries(root.$defs ?? {})) {
      this.#add(definition, direction, { name: id, doc: definition.description ?? '' })
    }
    return it.$ref ? refName(it.$ref) : this.#add(it, direction, title)
  }

  isEmptyObject(schema: z.ZodType): boolean {
    const json = z.toJSONSchema(schema, { io: 'input' })
    return json.type === 'object' && Object.keys(json.properties ?? {}).length === 0 && json.additionalProperties === false
  }

  /** The schema of the items of a page; null when the schema is no page. */
  pageItem(schema: z.ZodType): z.ZodType | null {
    if (!(schema instanceof z.ZodObject) || !('nextCursor' in schema.shape)) return null
    const data = schema.shape.data
    return data instanceof z.ZodArray ? (data.element as z.ZodType) : null
  }

  #add(schema: Json, direction: Direction, { name, doc }: Title): string {
    if (this.#text.has(name)) return name
    const body = this.#type(schema, direction, '')
    this.#nameOf.set(direction + JSON.stringify(schema), name)
    const comment = `/** ${doc || `\`${name}\` as the server answers it.`} */\n`
    this.#text.set(name, `${comment}export ${body.startsWith('{') ? `interface ${name} ${body}` : `type ${name} = ${body}`}`)
    return name
  }

  #type(schema: Json, direction: Direction, indent: string): string {
    if (schema.$ref) return refName(schema.$ref)
    const known = this.#nameOf.get(direction + JSON.stringify(schema))
    if (known) return known
    if (schema.enum) return this.#enumeration(schema.enum.map(String), direction)
    const options = schema.anyOf ?? schema.oneOf
    if (options) return union(options.map((option) => this.#type(option as Json, direction, indent)))
    if (Array.isArray(schema.type)) return union(schema.type.map(primitive))
    if (schema.type === 'array') return this.#array(schema, direction, indent)
    if (schema.type === 'object') return this.#object(schema, direction, indent)
    return primitive(schema.type)
  }

  #enumeration(values: readonly string[], direction: Direction): string {
    const named = [...this.#enums].find(([, members]) => members.every((member) => values.includes(member)))
    const rest = values.filter((value) => !named?.[1].includes(value)).map((value) => `'${value}'`)
    return union([...(named ? [named[0]] : []), ...rest, ...(direction === 'output' && !named ? ['(string & {})'] : [])])
  }

  #array(schema: Json, direction: Direction, indent: string): string {
    const item = this.#type(schema.items as Json, direction, indent)
    const element = item.includes(' | ') && !item.startsWith('{') ? `(${item})` : item
    return `${direction === 'input' ? 'readonly ' : ''}${element}[]`
  }

  #object(schema: Json, direction: Direction, indent: string): string {
    const fields = Object.entries(schema.properties ?? {}) as [string, Json][]
    const rest = schema.additionalProperties
    if (fields.length === 0 && typeof rest === 'object') {
      return `{ ${direction === 'input' ? 'readonly ' : ''}[name: string]: ${this.#type(rest as Json, direction, indent)} }`
    }
    const inner = `${indent}  `
    const lines = fields.flatMap(([name, field]) => {
      const optional = !(schema.required ?? []).includes(name)
      const type = this.#type(field, direction, inner)
      const suffix = optional && direction === 'input' ? ' | undefined' : ''
      const comment = fieldDoc(field, direction)
      return [...(comment ? [`${inner}/** ${comment} */`] : []), `${inner}${name}${optional ? '?' : ''}: ${type}${suffix}`]
    })
    return `{\n${lines.join('\n')}\n${indent}}`
  }
}

function fieldDoc(field: Json, direction: Direction): string {
  const parts = [
    field.description,
    field.format === 'date-time' && 'RFC 3339.',
    field.example !== undefined && `Such as \`${String(field.example)}\`.`,
    direction === 'input' && bounds(field),
    direction === 'input' && field.default !== undefined && `Default ${JSON.stringify(field.default).replaceAll('"', '`')}.`,
  ]
  return parts.filter(Boolean).join(' ')
}

function bounds(field: Json): string {
  if (field.minimum !== undefined) return `${field.minimum} to ${field.maximum}.`
  if (field.maxItems !== undefined) return `At most ${field.maxItems}.`
  if (field.maxLength !== undefined) return `At most ${field.maxLength} characters.`
  return ''
}

function primitive(type: unknown): string {
  const known: Record<string, string> = { string: 'string', number: 'number', integer: 'number', boolean: 'boolean', null: 'null' }
  const name = known[String(type)]
  if (!name) throw new Error(`no TypeScript for JSON Schema type ${String(type)}`)
  return name
}

function union(types: readonly string[]): string {
  return [...new Set(types)].join(' | ')
}

function refName(ref: string): string {
  return ref.slice(ref.lastIndexOf('/') + 1)
}
