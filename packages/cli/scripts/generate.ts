/** Writes rules/ from the key format: `node scripts/generate.ts`. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { letterlockKeys } from '@letterlock/keys'
import { rulesOf } from '../src/scan/rules/rule.ts'
import { ruleFormats, writeRules } from '../src/scan/rules/write-rules.ts'
import { ruleFiles } from './rule-files.ts'

const folder = new URL('../rules/', import.meta.url)
mkdirSync(folder, { recursive: true })
for (const format of ruleFormats) writeFileSync(new URL(ruleFiles[format], folder), `${writeRules[format](rulesOf(letterlockKeys))}\n`)
