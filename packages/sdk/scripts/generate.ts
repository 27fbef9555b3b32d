/** Writes src/operations.generated.ts from the operation table: `node scripts/generate.ts`. */
import { writeFileSync } from 'node:fs'
import { operationsSource } from './operations-source.ts'

writeFileSync(new URL('../src/operations.generated.ts', import.meta.url), operationsSource())
