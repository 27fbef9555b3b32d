import { Context, Liquid, Tokenizer, TokenKind, toValueSync, type Template, type TopLevelToken } from 'liquidjs'

/** A parsed template; opaque, made by `parseLiquid`. */
export type ParsedLiquid = Template[]

export type ParseLiquidResult =
  | { readonly ok: true; readonly template: ParsedLiquid; readonly tokens: readonly TopLevelToken[] }
  | { readonly ok: false; readonly message: string }

/** How values are written: escaped into HTML, or as they are. */
export type Dialect = 'html' | 'text'

const allowedTags = new Set(['if', 'unless', 'case'])
const allowedFilters = new Set([
  'default', 'upcase', 'downcase', 'capitalize', 'strip', 'lstrip', 'rstrip', 'strip_newlines',
  'truncate', 'truncatewords', 'url_encode', 'escape',
])

// The bounds below make the cost of one render a matter of arithmetic, not of a clock:
// few and short nodes, over short values, with what filters make counted by memoryLimit.
const longestSource = 512 * 1024
const mostNodes = 1_000
const longestNode = 500
const longestNodesTogether = 32 * 1024
const mostFilters = 6
const deepestNesting = 16
const memoryLimit = 1_000_000
const longestOutput = 2 * 1024 * 1024

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&#34;', "'": '&#39;' }

const engines: Readonly<Record<Dialect, Liquid>> = { html: createEngine(escapeHtml), text: createEngine(plainText) }

/** Parses a template in the reduced language; the message of a refusal says what and where. */
export function parseLiquid(source: string, dialect: Dialect): ParseLiquidResult {
  if (source.length > longestSource) return { ok: false, message: `The template is longer than ${longestSource} characters.` }
  try {
    const tokens = new Tokenizer(source).readTopLevelTokens()
    const message = findExcess(tokens)
    if (message !== undefined) return { ok: false, message }
    return { ok: true, template: engines[dialect].parse(source), tokens }
  } catch (error) {
    if (error instanceof Error && /^(Parse|Tokenization|UndefinedFilter|Render)/.test(error.name)) {
      return { ok: false, message: error.message.split('\n')[0] ?? error.message }
    }
    throw error
  }
}

/**
 * Renders a parsed template.
 *
 * @throws {Error} when the output or the work is past its bound; the caller turns it into a reason.
 */
export function renderLiquid(template: ParsedLiquid, dialect: Dialect, scope: object): string {
  const engine = engines[dialect]
  const context = new Context(scope, engine.options, { sync: true }, { liquid: engine })
  const emitter = new BoundedEmitter()
  toValueSync(engine.renderer.renderTemplates(template, context, emitter))
  return emitter.buffer
}

/** Does an output or a condition name this variable? */
export function mentions(tokens: readonly TopLevelToken[], variable: string): boolean {
  const name = new RegExp(`(?:^|[^\\w.'"-])${variable}(?![\\w-])`)
  return tokens.some((token) => token.kind !== TokenKind.HTML && name.test(token.getText()))
}

function createEngine(outputEscape: (value: unknown) => string): Liquid {
  const engine = new Liquid({
    ownPropertyOnly: true,
    strictFilters: true,
    dynamicPartials: false,
    relativeReference: false,
    templates: {},
    parseLimit: longestSource + 1,
    memoryLimit,
    outputEscape,
  })
  for (const tag of Object.keys(engine.tags)) if (!allowedTags.has(tag)) delete engine.tags[tag]
  for (const filter of Object.keys(engine.filters)) if (!allowedFilters.has(filter)) engine.unregisterFilter(filter)
  // Outputs are escaped anyway, and once: `escape` stays only so that templates from elsewhere work.
  engine.registerFilter('escape', (value: unknown) => value)
  return engine
}

function findExcess(tokens: readonly TopLevelToken[]): string | undefined {
  let depth = 0
  let nodes = 0
  let length = 0
  for (const token of tokens) {
    if (token.kind === TokenKind.HTML) continue
    const text = token.getText()
    const at = `, line:${token.getPosition().join(', col:')}`
    if (++nodes > mostNodes) return `More than ${mostNodes} tags and outputs${at}`
    if (text.length > longestNode) return `A tag or output is longer than ${longestNode} characters${at}`
    if ((length += text.length) > longestNodesTogether) return `Tags and outputs are together longer than ${longestNodesTogether} characters${at}`
    if (text.split('|').length - 1 > mostFilters) return `More than ${mostFilters} filters in one output${at}`
    if (/\.\.(?!\.)/.test(text.replace(/"[^"]*"|'[^']*'/g, ''))) return `Ranges are not available${at}`
    if (/^\{%-?\s*(?:if|unless|case)\b/.test(text) && ++depth > deepestNesting) return `Nested deeper than ${deepestNesting}${at}`
    if (/^\{%-?\s*end/.test(text)) depth -= 1
  }
  return undefined
}

function escapeHtml(value: unknown): string {
  const text = plainText(value)
  return /[&<>"']/.test(text) ? text.replace(/[&<>"']/g, (character) => entities[character] ?? '') : text
}

/** Only plain values are written; an object or a list in an output is as empty as an unknown name. */
function plainText(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? String(value) : ''
}

class BoundedEmitter {
  buffer = ''

  write(html: unknown): void {
    this.buffer += String(html)
    if (this.buffer.length > longestOutput) throw new RangeError(`The output is longer than ${longestOutput} characters.`)
  }
}
