import { readFileSync } from 'node:fs'
import { defineKeyFormat, keyModes, letterlockKeys } from '@letterlock/keys'
import { describe, expect, test } from 'vitest'
import { ruleFiles } from '../../../scripts/rule-files.ts'
import { letterlock } from '../../../test/run-letterlock.ts'
import { rulesOf } from './rule.ts'
import { ruleFormats, writeRules } from './write-rules.ts'

const formats = [letterlockKeys, defineKeyFormat({ prefix: 'acme_mail' })]
const issued = formats.flatMap((format) => keyModes.flatMap((mode) => Array.from({ length: 500 }, () => ({ mode, token: format.issue({ mode }).token, format }))))

/** The patterns as each scanner reads them from its file. */
const patternsIn = {
  gitleaks: (file: string) => [...file.matchAll(/^regex = '''(.*)'''$/gm)].map((match) => match[1] ?? ''),
  trufflehog: (file: string) => [...file.matchAll(/^ {6}key: '(.*)'$/gm)].map((match) => match[1] ?? ''),
  github: (file: string) => (JSON.parse(file) as { secretFormat: string }[]).map(({ secretFormat }) => secretFormat),
}

/** Texts that are near a key of `ll`, made from one. */
function lookAlikesOf(token: string): string[] {
  const [header, id, rest] = [token.slice(0, -64), token.slice(-64, -38), token.slice(-38)]
  return [
    letterlockKeys.redact(token), token.slice(0, -9), `key_${id}`, id + rest, // shown, cut, its id, without its header
    token.toUpperCase(), token.replaceAll('_', '-'), `${header}${id}_${rest}`, `${header} ${id}${rest}`, // written in another way
    `ll_prod_${id}${rest}`, `sk_live_${id}${rest}`, `l_live_${id}${rest}`, // of others
    `${header}8${id.slice(1)}${rest}`, `${header}${id.slice(0, -1)}u${rest}`, `${header}${id.slice(0, 5)}O${id.slice(6)}${rest}`, // an id that is none
    `${header}${id}${rest.slice(0, 20)}-${rest.slice(21)}`, `${header}${id}${rest.slice(0, 20)}\u00e9${rest.slice(21)}`, // a letter that no secret has
    `${header}${'x'.repeat(64)}`, `${header}$KEY`, header.repeat(10),
  ]
}

/** How keys stand in files. */
const surroundings = [(text: string) => text, (text: string) => `const k="a\\n${text}";b()`, (text: string) => `https://u:${text}@h/?k=1`, (text: string) => `x${text}yz`, (text: string) => `[${text}]`]

describe('the files of rules/', () => {
  test.each(ruleFormats)('%s is as generated from the key format', (format) => {
    expect(readRules(format), 'run "pnpm run generate" in packages/cli').toBe(`${writeRules[format](rulesOf(letterlockKeys))}\n`)
  })

  test.each(ruleFormats)('%s finds every one of 1 500 keys among look-alikes, and none of those', (format) => {
    const planted = issued.filter((key) => key.format === letterlockKeys).map(({ token }) => token)
    const text = planted.flatMap((token, index) => surroundings.map((around, nth) => around(nth === index % 5 ? token : lookAlikesOf(token)[(index + nth) % 19] ?? ''))).join('\n')
    const lookAlikes = lookAlikesOf(planted[0] ?? '').flatMap((lookAlike) => surroundings.map((around) => around(lookAlike)))
    const find = (from: string) => patternsIn[format](readRules(format)).flatMap((pattern) => from.match(new RegExp(pattern, 'g')) ?? [])
    expect(find(text).toSorted()).toEqual(planted.toSorted())
    expect(lookAlikes.filter((lookAlike) => find(lookAlike).length > 0)).toEqual([])
  })
})

function readRules(format: (typeof ruleFormats)[number]): string {
  return readFileSync(new URL(`../../../rules/${ruleFiles[format]}`, import.meta.url), 'utf8')
}

describe('rulesOf()', () => {
  test.each(formats)('finds the keys of $prefix by the rule of their mode alone', (format) => {
    const keys = issued.filter((key) => key.format === format)
    for (const { mode, pattern, keyword } of rulesOf(format)) {
      const found = keys.filter(({ token }) => new RegExp(pattern).exec(`key="${token}";`)?.[0] === token)
      expect(found).toEqual(keys.filter((key) => key.mode === mode))
      expect(found.every(({ token }) => token.startsWith(keyword))).toBe(true)
    }
  })

  test('uses nothing but classes and counts, which RE2, PCRE and Hyperscan read alike', () => {
    for (const { pattern } of formats.flatMap(rulesOf)) expect(pattern).toMatch(/^(?:[a-z0-9_]|\[[0-9A-Za-z-]+\](?:\{\d+\})?)+$/)
  })
})

describe('scan rules', () => {
  test.each(ruleFormats)('--format %s writes every rule', async (format) => {
    const { code, stdout } = await letterlock(['scan', 'rules', '--format', format, '--prefix', 'll', '--prefix', 'acme_mail'])
    expect(code).toBe(0)
    expect(patternsIn[format](stdout)).toEqual(formats.flatMap(rulesOf).map(({ pattern }) => pattern))
    expect(stdout).toContain('letterlock-acme-mail-root-key')
  })

  test('ends with 2 and the choices without a format', async () => {
    expect(await letterlock(['scan', 'rules'])).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('gitleaks, trufflehog, github') })
  })
})
