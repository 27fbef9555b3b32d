import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compileTemplate, renderTemplate, type CompiledTemplate, type MergeValue, type MergeValues, type TemplateSource } from './template.ts'

const ada: MergeValues = {
  contact: { email: 'ada@example.com', firstName: 'Ada', lastName: null, properties: { plan: 'pro', seats: 3, beta: true } },
  unsubscribeUrl: 'https://acme.test/u/1?a=1&b=2',
}

describe('renderTemplate()', () => {
  test.each([
    ['{{ contact.email }}', 'ada@example.com'],
    ['{{ contact.lastName | default: "there" }}', 'there'],
    ['{{ contact.properties.plan | upcase }} {{ contact.properties.seats }} {{ contact.properties.beta }}', 'PRO 3 true'],
    ['{{ contact.properties["plan"] | capitalize | truncate: 2, "" }}', 'Pr'],
    ['{% if contact.properties.plan == "pro" %}yes{% else %}no{% endif %}', 'yes'],
    ['{% unless contact.properties.seats > 2 %}few{% else %}many{% endunless %}', 'many'],
    ['{% case contact.properties.plan %}{% when "free" %}f{% when "pro", "team" %}p{% else %}?{% endcase %}', 'p'],
    ['{{ contact.email | url_encode }}', 'ada%40example.com'],
    ['[{{ nobody.knows.this }}{{ contact }}{{ contact.properties }}]', '[]'],
  ])('renders %s', (source, expected) => {
    const rendered = render({ subject: source, html: source, text: source }, ada)
    expect(rendered).toMatchObject({ ok: true, html: expected, subject: expected, text: expected })
  })

  test('escapes values in the HTML, once, and nowhere else', () => {
    const evil = { contact: { email: 'a@b.test', firstName: `<b a="1">&'` } }
    const source = '{{ contact.firstName }}{{ contact.firstName | escape }}'
    expect(render({ subject: source, html: source, text: source }, evil)).toEqual({
      ok: true,
      subject: `<b a="1">&'<b a="1">&'`,
      html: '&lt;b a=&#34;1&#34;&gt;&amp;&#39;'.repeat(2),
      text: `<b a="1">&'<b a="1">&'`,
    })
  })

  test('does not render a value as a template', () => {
    const values = { contact: { email: 'a@b.test', firstName: '{{ contact.email }}{% if true %}x{% endif %}' } }
    expect(render({ subject: '', html: '{{ contact.firstName }}' }, values)).toMatchObject({ html: values.contact.firstName })
  })

  test.each(['\n', '\r', '\r\nBcc: eve@example.com', '\0', '\ud800'])('fails the recipient whose value puts %j into the subject', (bad) => {
    const values = { contact: { email: 'a@b.test', firstName: `A${bad}B` } }
    expect(render({ subject: 'Hi {{ contact.firstName }}', html: '' }, values)).toEqual({
      ok: false, reason: 'A merge value puts a line break or NUL into the subject.',
    })
  })

  test('fails past 998 characters of subject and past 2 MiB of output', () => {
    const values = { contact: { email: 'a@b.test', firstName: 'x'.repeat(9_000) } }
    expect(render({ subject: '{{ contact.firstName }}', html: '' }, values)).toMatchObject({ ok: false, reason: /subject is longer/ })
    expect(render({ subject: '', html: '{{ contact.firstName }}'.repeat(500) }, values)).toMatchObject({ ok: false, reason: /output is longer/ })
    for (const contact of [{ email: 'x'.repeat(10_001) }, { email: '', properties: { a: 'x'.repeat(10_001) } }]) {
      expect(render({ subject: '', html: '' }, { contact })).toMatchObject({ ok: false, reason: /value is longer/ })
    }
  })

  test('reaches no prototype and runs nothing', () => {
    const names = ['constructor', '__proto__', 'toString', 'contact.constructor.constructor', 'contact.__proto__.polluted',
      'contact.email.constructor', 'contact["constructor"]["prototype"]', 'contact.properties.hasOwnProperty', 'process.env.HOME',
      'globalThis', 'this', 'contact.email.__proto__']
    const html = names.map((name) => `[{{ ${name} }}]`).join('')
    expect(render({ subject: '', html }, ada)).toMatchObject({ html: '[]'.repeat(names.length) })
  })

  test('keeps own properties named like prototype members apart', () => {
    const properties = JSON.parse('{"constructor":"c","__proto__":"p","toString":"t"}') as Record<string, MergeValue>
    const source = '{{ contact.properties.constructor }}{{ contact.properties.toString }}'
    expect(render({ subject: '', html: source }, { contact: { email: '', properties } })).toMatchObject({ html: 'ct' })
  })

  test('stays under 50 ms of CPU on the most expensive templates that compile', () => {
    const wide = { contact: { email: 'a@b.test', firstName: `${' '.repeat(4_990)}<&>${' '.repeat(4_990)}` } }
    const filters = '{{ contact.firstName | strip | upcase | downcase | url_encode | truncatewords: 5 | capitalize }}'
    const condition = `{% if ${'contact.firstName contains "xyz" or '.repeat(12)}true %}y{% endif %}`
    const sources = [[filters, 300], [condition, 65], ['{{ contact.firstName | strip }}', 1_000], ['{{ contact.firstName | truncate: 9999 }}', 800], ['{{ "a" }}', 1_000]] as const
    for (const [unit, times] of sources) {
      const source = unit.repeat(times)
      const template = compile({ subject: '', html: source, text: '' })
      renderTemplate(template, wide)
      const before = process.cpuUsage()
      for (let run = 0; run < 3; run += 1) renderTemplate(template, wide)
      const { user } = process.cpuUsage(before)
      expect({ unit, ms: user / 3_000 }).toEqual({ unit, ms: expect.closeTo(0, -2) }) // within 50
    }
  })

  test('never throws, whatever the template and the values', () => {
    const piece = fc.oneof(fc.string({ unit: 'binary', maxLength: 20 }), fc.constantFrom(
      '{{', '}}', '{%', '%}', ' if ', ' else ', ' endif ', ' case ', ' when ', '|', ' default: ', '"', "'", 'contact', '.', '[', ']', '(1..9)',
      'contact.properties', ' truncate: ', ' -1 ', '{%-', '-%}', ' and ', ' contains ', '==', '<', '{% if contact.email %}', '{% endif %}', '{{ contact.firstName }}'))
    fc.assert(fc.property(fc.array(piece, { maxLength: 20 }), fc.string({ unit: 'binary' }), fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.double(), fc.boolean())), (pieces, name, properties) => {
      const source = pieces.join('')
      const compiled = compileTemplate({ subject: source, html: source })
      if (compiled.ok) renderTemplate(compiled.template, { contact: { email: 'a@b.test', firstName: name, properties } })
    }), { numRuns: 1_000 })
  }, 30_000)
})

describe('compileTemplate()', () => {
  test.each([
    '{% for a in contact %}{% endfor %}', '{% tablerow a in b %}{% endtablerow %}', '{% assign a = 1 %}', '{% capture a %}{% endcapture %}',
    '{% include "x" %}', '{% render "x" %}', '{% layout "x" %}', '{% block a %}{% endblock %}', '{% increment a %}', '{% cycle "a" %}',
    '{% raw %}{% endraw %}', '{% liquid assign a = 1 %}', '{% echo a %}', '{% comment %}{% endcomment %}',
    '{{ a | raw }}', '{{ a | append: "x" }}', '{{ a | replace: "a", "b" }}', '{{ a | date: "%Y" }}', '{{ a | json }}', '{{ a | where: "b" }}',
    '{{ a | constructor }}', '{{ (1..100000000) }}', '{{ a', '{% if a %}', '{% endif %}', '{{ }}',
  ])('refuses %s and says where', (source) => {
    const result = compileTemplate({ subject: 'ok', html: `line one\n  ${source}`, text: 'ok' })
    expect(result).toMatchObject({ ok: false, issues: [{ path: 'html', message: expect.stringMatching(/line:2, col:\d+$/) }] })
  })

  test('names every field that is wrong', () => {
    const result = compileTemplate({ subject: '{{', html: '{% for %}', text: '{{ a | raw }}' })
    expect(result.ok ? [] : result.issues.map(({ path }) => path)).toEqual(['subject', 'html', 'text'])
    expect(compileTemplate({ subject: 'a\nb', html: '' })).toMatchObject({ ok: false, issues: [{ path: 'subject' }] })
    expect(compileTemplate({ subject: '', html: '', text: '{{ a | raw }}' })).toMatchObject({ ok: false, issues: [{ path: 'text' }] })
  })

  test.each([
    ['size', 'x'.repeat(512 * 1024 + 1)], ['number of nodes', '{{ a }}'.repeat(1_001)], ['length of a node', `{{ "${'x'.repeat(500)}" }}`],
    ['length of all nodes', `{{ "${'x'.repeat(400)}" }}`.repeat(90)], ['filters', `{{ a ${'| upcase '.repeat(7)}}}`], ['nesting', '{% if a %}'.repeat(17) + '{% endif %}'.repeat(17)],
  ])('bounds the %s', (_, html) => {
    expect(compileTemplate({ subject: '', html, text: '' })).toMatchObject({ ok: false, issues: [{ path: 'html' }] })
  })

  test('compiles 512 KiB of brackets and tags in bounded time', () => {
    for (const html of ['<'.repeat(512 * 1024), '{'.repeat(512 * 1024), '<div>'.repeat(100_000), '&'.repeat(500_000), '{%'.repeat(250_000)]) {
      const before = process.cpuUsage()
      compileTemplate({ subject: '', html })
      expect(process.cpuUsage(before).user / 1_000).toBeLessThan(2_000)
    }
  })

  test('makes the text part from the HTML, with merge tags intact and values not escaped', () => {
    const html = `<html><head><style>p { color: red }</style></head><body><h1>News for {{ contact.firstName }}</h1>
      <p>Tom &amp; {{ contact.firstName | default: "a  b" }}</p>{% if contact.properties.age<18 %}<p>young</p>{% else %}<p>old</p>{% endif %}
      <img src="x.png" alt="pixel"><a href="https://acme.test/?e={{ contact.email | url_encode }}">shop</a></body></html>`
    const rendered = render({ subject: '', html }, { contact: { email: 'a@b.test', firstName: '<Ada>', properties: { age: 30 } } })
    expect(rendered.ok && rendered.text).toBe('News for <Ada>\n\nTom & <Ada>\n\nold\n\nshop [https://acme.test/?e=a%40b.test]')
  })

  test('does not make a tag out of braces that the HTML wrote as entities', () => {
    const rendered = render({ subject: '', html: '<p>&#123;&#123; contact.email &#125;&#125; &#123;% if %&#125;</p>' }, ada)
    expect(rendered.ok && rendered.text).not.toContain('ada@example.com')
  })

  test('keeps a text part that was given', () => {
    expect(render({ subject: '', html: '<p>a</p>', text: '\n\n\n{{ contact.firstName }}' }, ada)).toMatchObject({ text: '\n\n\nAda' })
  })

  test.each([
    ['<a href="{{ unsubscribeUrl }}">', true], ['{{unsubscribeUrl|url_encode}}', true], ['{% if unsubscribeUrl %}{% endif %}', true],
    ['unsubscribeUrl', false], ['{{ contact.unsubscribeUrl }}', false], ['{{ "unsubscribeUrl" }}', false], ['{{ unsubscribeUrls }}', false],
  ])('knows whether %s mentions the unsubscribe link', (html, mentions) => {
    expect(compile({ subject: '', html }).mentionsUnsubscribeUrl).toBe(mentions)
  })
})

test('the engine has no door to the file system', () => {
  expect(readFileSync(new URL('./liquid.ts', import.meta.url), 'utf8')).not.toMatch(/parseFile|renderFile|node:fs/)
})

function compile(source: TemplateSource): CompiledTemplate {
  const result = compileTemplate(source)
  if (!result.ok) throw new Error(JSON.stringify(result.issues))
  return result.template
}

function render(source: TemplateSource, values: MergeValues) {
  return renderTemplate(compile(source), values)
}
