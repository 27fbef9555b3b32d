import { defineCommand } from '../../command.ts'
import { formatsOf, prefixOption } from '../../key-formats.ts'
import { UsageError } from '../../usage-error.ts'
import { rulesOf } from './rule.ts'
import { ruleFormats, writeRules } from './write-rules.ts'

export const rulesCommand = defineCommand({
  name: 'scan rules',
  operands: '',
  summary: 'Prints rules that let other scanners find keys.',
  maxOperands: 0,
  options: {
    format: { type: 'string', choices: ruleFormats, summary: 'the scanner' },
    ...prefixOption,
    json: { type: 'boolean', summary: 'print the rules as JSON, for no scanner in particular' },
  },
  run: async ({ values, terminal }) => {
    const rules = formatsOf(values.prefix).flatMap(rulesOf)
    const format = ruleFormats.find((name) => name === values.format)
    if (values.json) terminal.out(JSON.stringify(rules, null, 2))
    else if (format === undefined) throw new UsageError(`--format is missing: ${ruleFormats.join(', ')}.`)
    else terminal.out(writeRules[format](rules))
    return 0
  },
})
