/** Writes src/*.generated.ts from the router of the server: `node scripts/generate.ts`. */
import { writeFileSync } from 'node:fs'
import { generatedSources } from './procedures-source.ts'

for (const [name, source] of Object.entries(generatedSources())) writeFileSync(new URL(`../src/${name}`, import.meta.url), source)
