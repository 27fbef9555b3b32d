import { compile } from 'html-to-text'
import { TokenKind, type TopLevelToken } from 'liquidjs'

// Private-use characters around a number stand for a tag while the HTML is turned into text.
const placeholder = /\uE000(\d+)\uE001/g

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
 * per template and nothing per recipient.
 */
export function textFromHtml(tokens: readonly TopLevelToken[]): string {
  const marked = tokens.map((token, index) =>
    token.kind === TokenKind.HTML ? token.getText().replace(/[\uE000\uE001]/g, '') : `\uE000${index}\uE001`)
  return escapeBraces(convert(marked.join(''))).replace(placeholder, (_, index: string) => tokens[Number(index)]?.getText() ?? '')
}

/** Braces written as entities are text in the HTML; in the text part they must not become a tag. */
function escapeBraces(text: string): string {
  return text.replace(/\{(?=[{%])/g, '{\u200B')
}
