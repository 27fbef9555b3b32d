import { mentions, parseLiquid, renderLiquid, type Dialect, type ParsedLiquid } from './liquid.ts'
import { isUnsafeInHeader } from './header.ts'
import { textFromHtml } from './text-from-html.ts'

/** The three sources of a message. Without `text` the text part is made from the HTML. */
export interface TemplateSource {
  readonly subject: string
  readonly html: string
  readonly text?: string
}

/** What is wrong with a template, and in which field. The message ends with `line:…, col:…` where there is one. */
export interface TemplateIssue {
  readonly path: 'subject' | 'html' | 'text'
  readonly message: string
}

/** A checked template; render it as often as wanted. */
export interface CompiledTemplate {
  readonly subject: ParsedLiquid
  readonly html: ParsedLiquid
  readonly text: ParsedLiquid
  /** The text part was made from the HTML. */
  readonly textIsDerived: boolean
  /** HTML or text name `unsubscribeUrl`. */
  readonly mentionsUnsubscribeUrl: boolean
}

export type CompileTemplateResult =
  | { readonly ok: true; readonly template: CompiledTemplate }
  | { readonly ok: false; readonly issues: readonly TemplateIssue[] }

/** A merge value as JSON has it. */
export type MergeValue = string | number | boolean | null

/** What a template can name: `contact.email`, `contact.properties.plan`, `unsubscribeUrl`. */
export interface MergeValues {
  readonly contact: {
    readonly email: string
    readonly firstName?: string | null
    readonly lastName?: string | null
    readonly properties?: Readonly<Record<string, MergeValue>>
  }
  readonly unsubscribeUrl?: string
}

export type RenderTemplateResult =
  | { readonly ok: true; readonly subject: string; readonly html: string; readonly text: string }
  | { readonly ok: false; readonly reason: string }

const longestSubject = 998
const longestValue = 10_000

/**
 * Checks and parses a template in the reduced Liquid: outputs, `if`, `unless`, `case` and a list of filters.
 *
 * No loops, no assignments, no files, no prototypes; at most 512 KiB, 1 000 tags and outputs, 16 levels.
 */
export function compileTemplate(source: TemplateSource): CompileTemplateResult {
  const issues: TemplateIssue[] = []
  const parse = (path: TemplateIssue['path'], text: string, dialect: Dialect) => {
    const parsed = parseLiquid(text, dialect)
    if (!parsed.ok) issues.push({ path, message: parsed.message })
    return parsed.ok ? parsed : undefined
  }
  if (isUnsafeInHeader(source.subject)) issues.push({ path: 'subject', message: 'CR, LF, NUL and lone surrogates are not allowed in a subject.' })
  const subject = parse('subject', source.subject, 'text')
  const html = parse('html', source.html, 'html')
  const textSource = source.text ?? (html && textFromHtml(html.tokens))
  if (html && textSource === undefined) issues.push({ path: 'text', message: 'The HTML is too complex to make a text part from: give one.' })
  const text = textSource === undefined ? undefined : parse('text', textSource, 'text')
  if (!subject || !html || !text || issues.length > 0) return { ok: false, issues }
  const mentionsUnsubscribeUrl = [html, text].some((each) => mentions(each.tokens, 'unsubscribeUrl'))
  const textIsDerived = source.text === undefined
  return {
    ok: true,
    template: { subject: subject.template, html: html.template, text: text.template, textIsDerived, mentionsUnsubscribeUrl },
  }
}

/**
 * Renders a template for one recipient.
 *
 * Values are HTML-escaped in `html` and plain in `subject` and `text`; an unknown name is empty. A value that
 * puts CR, LF or NUL into the subject, a value past 10 000 characters or an output past 2 MiB fails this
 * recipient with a reason.
 */
export function renderTemplate(template: CompiledTemplate, values: MergeValues): RenderTemplateResult {
  if (hasLongValue(values)) return { ok: false, reason: `A merge value is longer than ${longestValue} characters.` }
  try {
    const subject = renderLiquid(template.subject, 'text', values).trim()
    if (isUnsafeInHeader(subject)) return { ok: false, reason: 'A merge value puts a line break or NUL into the subject.' }
    if (subject.length > longestSubject) return { ok: false, reason: `The subject is longer than ${longestSubject} characters.` }
    const html = renderLiquid(template.html, 'html', values)
    const text = renderLiquid(template.text, 'text', values)
    return { ok: true, subject, html, text: template.textIsDerived ? text.replace(/\n{3,}/g, '\n\n').trim() : text }
  } catch (error) {
    if (!(error instanceof Error)) throw error
    return { ok: false, reason: error.message.split('\n')[0] ?? error.message }
  }
}

function hasLongValue({ contact, unsubscribeUrl }: MergeValues): boolean {
  const isLong = (value: unknown) => typeof value === 'string' && value.length > longestValue
  if (isLong(contact.email) || isLong(contact.firstName) || isLong(contact.lastName) || isLong(unsubscribeUrl)) return true
  for (const name in contact.properties) if (isLong(contact.properties[name])) return true
  return false
}
