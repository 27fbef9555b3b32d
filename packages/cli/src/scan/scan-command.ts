import { resolve } from 'node:path'
import { defineCommand } from '../command.ts'
import type { ExitCode } from '../command.ts'
import { formatsOf, prefixOption } from '../key-formats.ts'
import { UsageError } from '../usage-error.ts'
import { allowFile, readAllowList } from './allow-list.ts'
import { reportJson } from './report-json.ts'
import { reportSarif } from './report-sarif.ts'
import { describeWork, reportText } from './report-text.ts'
import { scan } from './scan.ts'
import type { ScanResult } from './scan.ts'

export const scanCommand = defineCommand({
  name: 'scan',
  operands: '[paths]',
  summary: 'Finds keys in files, archives, what is staged, and the history of git.',
  maxOperands: 10_000,
  options: {
    staged: { type: 'boolean', summary: 'only what the next commit adds or changes' },
    history: { type: 'boolean', summary: 'also every object git holds: all branches, stashes, forgotten commits' },
    'skip-ignored': { type: 'boolean', summary: 'leave out keys in files that .gitignore keeps out of commits' },
    ...prefixOption,
    'allow-file': { type: 'string', placeholder: '<file>', summary: `redacted keys that may be there, instead of ${allowFile}` },
    format: { type: 'string', choices: ['text', 'json', 'sarif'], summary: 'how findings are printed, instead of text' },
    json: { type: 'boolean', summary: 'the same as --format json' },
  },
  run: async ({ values, operands, terminal, clock }) => {
    if (values.staged && (values.history || operands.length > 0)) throw new UsageError('--staged looks at what is staged and nothing else.')
    const startedAt = clock()
    const result = await scan({
      paths: operands.length > 0 ? operands : ['.'],
      where: values.staged ? 'staged' : values.history ? 'history' : 'tree',
      formats: formatsOf(values.prefix),
      allowed: readAllowList(values['allow-file'] ?? resolve(allowFile)),
      onProgress: (progress) => terminal.progress(() => `scanning: ${describeWork(progress)}`),
    })
    const shown = values['skip-ignored'] ? { ...result, findings: result.findings.filter(({ ignoredByGit }) => !ignoredByGit) } : result
    const report = values.json ? reportJson : reports[values.format ?? 'text']
    report?.(shown, terminal, clock() - startedAt)
    return exitCodeOf(shown)
  },
})

const reports: Readonly<Record<string, typeof reportText>> = { text: reportText, json: reportJson, sarif: reportSarif }

function exitCodeOf({ findings, notes }: ScanResult): ExitCode {
  if (findings.length > 0) return 1
  return notes.some(({ failed }) => failed) ? 2 : 0
}
