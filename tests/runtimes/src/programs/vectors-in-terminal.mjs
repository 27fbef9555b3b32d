// What Node, Bun and Deno are started with: prints one line of JSON.
import { checkDigests } from './check-digests.mjs'
import { checkVectors } from './check-vectors.mjs'

console.log(JSON.stringify({ vectors: { ...checkVectors(), digests: checkDigests() } }))
