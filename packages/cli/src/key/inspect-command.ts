import { defineCommand } from '../command.ts'
import { formatsOf, prefixOption } from '../key-formats.ts'
import { rowsOf } from '../terminal/rows.ts'
import { UsageError } from '../usage-error.ts'
import { faultTexts } from './fault-texts.ts'
import { cluesOf } from './key-clues.ts'
import type { KeyClues } from './key-clues.ts'

const maxTextLength = 4096

export const inspectCommand = defineCommand({
  name: 'key inspect',
  operands: '[text]',
  summary: 'Tells what a key, a shortened one or an id says of itself; asks nobody. Reads the standard input without a text.',
  maxOperands: 1,
  options: { ...prefixOption, json: { type: 'boolean', summary: 'print JSON' } },
  run: async ({ values, operands: [operand], terminal }) => {
    const text = operand ?? (await terminal.readInput())?.trimEnd()
    if (text === undefined) throw new UsageError('Give a shortened key or an id, or a key on the standard input: letterlock key inspect < key.txt')
    if (text.length > maxTextLength) throw new UsageError('The text is far longer than a key; letterlock scan looks for keys in texts.')
    const candidates = formatsOf(values.prefix).map((format) => cluesOf(text, format))
    const clues = candidates.find(({ kind }) => kind !== 'no_key') ?? (candidates[0] as KeyClues) // there is a format
    if (clues.kind === 'key' && operand !== undefined) {
      terminal.tell('The key is in the history of this shell now, and was seen in the list of processes. Next time: letterlock key inspect < file')
    }
    terminal.out(values.json ? JSON.stringify(jsonOf(clues), null, 2) : rowsOf(linesOf(clues)))
    return clues.kind === 'no_key' ? 1 : 0
  },
})

const kinds = { key: 'a key', redacted_key: 'a key, shortened', key_id: 'the id of a key', no_key: 'no key' } as const
const opens = { live: 'live environment', test: 'test environment', root: 'management API' } as const

function linesOf({ shown, kind, checksum, fault, mode, keyId, issuedAt }: KeyClues): [string, string][] {
  return [
    [shown, kinds[kind]],
    ...(fault === undefined ? [] : [['because', `it ${faultTexts[fault]}`] as [string, string]]),
    ...(checksum === undefined ? [] : [['checksum', checksum] as [string, string]]),
    ...(mode === undefined ? [] : [['opens', `${mode}: ${opens[mode]}`] as [string, string]]),
    ...(keyId === undefined ? [] : [['id', keyId] as [string, string]]),
    ...(issuedAt === undefined ? [] : [['issued', new Date(issuedAt).toISOString()] as [string, string]]),
  ]
}

function jsonOf({ issuedAt, fault, ...clues }: KeyClues) {
  return {
    ...clues,
    ...(fault !== undefined && { fault, explanation: `it ${faultTexts[fault]}` }),
    ...(issuedAt !== undefined && { issuedAt: new Date(issuedAt).toISOString() }),
  }
}
