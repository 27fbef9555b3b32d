import { compileTemplate, type TemplateSource } from './template.ts'

const htmlFooter =
  '<p style="margin:32px 0 0;font-size:12px;line-height:1.5;color:#666666">'
  + '<a href="{{ unsubscribeUrl }}" style="color:#666666">Unsubscribe</a></p>'
const textFooter = '\n\n--\nUnsubscribe: {{ unsubscribeUrl }}\n'

/**
 * Gives a campaign's template a visible unsubscribe link where it has none of its own.
 *
 * HTML and text are looked at apart; the HTML footer goes before the last `</body>`. A template that does
 * not compile comes back unchanged: `compileTemplate` says what is wrong with it.
 */
export function ensureUnsubscribeLink(source: TemplateSource): TemplateSource {
  const html = hasLink(source.html) ? source.html : withHtmlFooter(source.html)
  if (source.text === undefined) return { ...source, html }
  return { ...source, html, text: hasLink(source.text) ? source.text : source.text.trimEnd() + textFooter }
}

function hasLink(text: string): boolean {
  const compiled = compileTemplate({ subject: '', html: text, text: '' })
  return !compiled.ok || compiled.template.mentionsUnsubscribeUrl
}

function withHtmlFooter(html: string): string {
  const end = html.toLowerCase().lastIndexOf('</body>')
  return end === -1 ? html + htmlFooter : html.slice(0, end) + htmlFooter + html.slice(end)
}
