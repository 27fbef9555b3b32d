import type { KeyFormat } from '@letterlock/keys'
import { defineCommand } from '../command.ts'
import { formatsOf, prefixOption } from '../key-formats.ts'
import { findGivenKey, keyFileOption } from '../key/given-key.ts'
import { printable } from '../terminal/terminal.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { askServer } from './ask-server.ts'
import { checkAcceptance, checkClock, checkReachability } from './check-answer.ts'
import { checkBaseUrl, checkKey, checkProxies, checkVariables } from './check-settings.ts'
import { remarksOn } from './remark.ts'
import type { Remark } from './remark.ts'

export const doctorCommand = defineCommand({
  name: 'doctor',
  operands: '',
  summary: 'Finds out why calls are refused: key, variables, clock, network, scope, expiry.',
  maxOperands: 0,
  options: {
    scope: { type: 'string', placeholder: '<scope>', summary: 'also tell whether the key has this scope: campaigns:send' },
    ...keyFileOption,
    'base-url': { type: 'string', placeholder: '<url>', summary: 'where the API is, instead of LETTERLOCK_BASE_URL' },
    ...prefixOption,
    json: { type: 'boolean', summary: 'print JSON' },
  },
  run: async ({ values, terminal, environment, clock }) => {
    const given = await findGivenKey({ file: values['key-file'], environment, variable: 'LETTERLOCK_API_KEY', terminal })
    const formats = formatsOf(values.prefix)
    const key = checkKey(given, formats)
    const base = checkBaseUrl(values['base-url'] ?? environment['LETTERLOCK_BASE_URL'])
    const remarks = [...key.remarks, ...base.remarks, ...checkVariables(environment)]
    if (base.url !== undefined) remarks.push(...checkProxies(environment, base.url))
    if (base.url !== undefined && key.token !== undefined) {
      terminal.progress(() => 'asking the server')
      remarks.push(...(await checkByRequest(base.url, key.token, { scope: values.scope, clock })))
    }
    report(remarks.map((remark) => withoutKeys(remark, formats)), terminal, values.json === true)
    return remarks.some(({ verdict }) => verdict === 'wrong') ? 1 : 0
  },
})

async function checkByRequest(url: URL, token: string, { scope, clock }: { scope: string | undefined; clock: () => number }): Promise<Remark[]> {
  const answer = await askServer(url, token, clock)
  if ('reason' in answer) return [remarksOn('server').wrong(`${url.origin}: ${answer.reason}`)]
  const reached = checkReachability(url.origin, answer)
  if (reached.some(({ verdict }) => verdict === 'wrong')) return reached
  return [...reached, ...checkClock(answer), ...checkAcceptance(answer, scope)]
}

/** A server may say anything in its answer, the key that it was asked with too. */
function withoutKeys(remark: Remark, formats: readonly KeyFormat[]): Remark {
  return { ...remark, text: formats.reduce((text, format) => format.redactKeys(text), remark.text) }
}

const marks = { good: 'ok', warning: '!!', wrong: 'XX' } as const

function report(remarks: readonly Remark[], { out, style }: Terminal, json: boolean): void {
  if (json) return out(JSON.stringify({ remarks }, null, 2))
  const colours = { good: style.green, warning: style.yellow, wrong: style.red }
  const width = Math.max(...remarks.map(({ check }) => check.length))
  for (const { verdict, check, text } of remarks) out(`${colours[verdict](marks[verdict])}  ${check.padEnd(width)}  ${printable(text)}`)
}
