import { compile } from 'html-to-text'
import { TokenKind, type TopLevelToken } from 'liquidjs'

// Private-use characters around a number stand for an output, or with a `t` for a tag, while the HTML is turned into text.
const placeholder = /\uE000t?(\d+)\uE001/g
const spaceAfterLeadingTags = /^((?:\uE000t\d+\uE001)+) +/gm

// Deep or countless elements take html-to-text seconds; no letter has so many.
const mostElements = 20_000

const convert = compile({
  wordwrap: false,
  limits: { maxInputLength: 600 * 1024, maxDepth: 200, maxChildNodes: 20_000 },
  selectors: [
    { selector: 'img', format: 'skip' },
    { selector: 'a', options: { hideLinkHrefIfSameAsText: true, ignoreHref: false } },
    ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({ selector, options: { uppercase: false } })),
    { selector: 'table', format: 'block' },
  ],
})

/**
 * Makes the source of a text part from the tokens of an HTML template.
 *
 * Tags and outputs pass through untouched, so the result is itself a template: the conversion costs once
 * per template and nothing per recipient. `undefined` for HTML of more than 20 000 elements.
 */
export function textFromHtml(tokens: readonly TopLevelToken[]): string | undefined {
  const marked = tokens.map(mark).join('')
  if (marked.split('<').length > mostElements) return undefined
  const text = escapeBraces(convert(marked)).replace(spaceAfterLeadingTags, '$1')
  return text.replace(placeholder, (_, index: string) => tokens[Number(index)]?.getText() ?? '')
}

/** Makes the text part of a finished HTML body; empty for HTML of more than 20 000 elements. */
export function textOfHtml(html: string): string {
  return html.split('<').length > mostElements ? '' : convert(html)
}

function mark(token: TopLevelToken, index: number): string {
  if (token.kind === TokenKind.HTML) return token.getText().replace(/[\uE000\uE001]/g, '')
  return `\uE000${token.kind === TokenKind.Tag ? 't' : ''}${index}\uE001`
}

/** Braces written as entities are text in the HTML; in the text part they must not become a tag. */
function escapeBraces(text: string): string {
  return text.replace(/\{(?=[{%])/g, '{\u200B')
}
