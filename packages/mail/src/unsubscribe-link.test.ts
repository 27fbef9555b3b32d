import { describe, expect, test } from 'vitest'
import { compileTemplate, renderTemplate } from './template.ts'
import { ensureUnsubscribeLink } from './unsubscribe-link.ts'

const url = 'https://acme.test/u/1abc'

describe('ensureUnsubscribeLink()', () => {
  test('adds a footer before the end of the body, and the text part has it too', () => {
    const rendered = render(ensureUnsubscribeLink({ subject: 's', html: '<html><body><p>Hi</p></BODY></html>' }))
    expect(rendered.html).toMatch(new RegExp(`<p>Hi</p><p [^>]*><a href="${url}"[^>]*>Unsubscribe</a></p></BODY></html>$`))
    expect(rendered.text).toBe(`Hi\n\nUnsubscribe [${url}]`)
  })

  test('adds a line to a text part of its own', () => {
    const rendered = render(ensureUnsubscribeLink({ subject: 's', html: '<p>Hi</p>', text: 'Hi\n' }))
    expect(rendered.html).toContain(url)
    expect(rendered.text).toBe(`Hi\n\n--\nUnsubscribe: ${url}\n`)
  })

  test('leaves alone what has a link, and what does not compile', () => {
    const own = { subject: 's', html: '<a href="{{ unsubscribeUrl }}">bye</a>', text: 'bye {{ unsubscribeUrl }}' }
    expect(ensureUnsubscribeLink(own)).toEqual(own)
    expect(ensureUnsubscribeLink({ subject: 's', html: '{% for %}' })).toEqual({ subject: 's', html: '{% for %}' })
  })
})

function render(source: Parameters<typeof compileTemplate>[0]) {
  const compiled = compileTemplate(source)
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.issues))
  const rendered = renderTemplate(compiled.template, { contact: { email: 'a@b.test' }, unsubscribeUrl: url })
  if (!rendered.ok) throw new Error(rendered.reason)
  return rendered
}
