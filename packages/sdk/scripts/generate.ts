/** Writes the generated sources from the tables of the contract: `node scripts/generate.ts`. */
import { writeFileSync } from 'node:fs'
import { eventsSource } from './events-source.ts'
import { operationsSource } from './operations-source.ts'

writeFileSync(new URL('../src/operations.generated.ts', import.meta.url), operationsSource())
writeFileSync(new URL('../src/webhooks/events.generated.ts', import.meta.url), eventsSource())
