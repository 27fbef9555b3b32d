// A million random keys and a million changed ones against one node. BENCH_KEYS: of each kind, 1 000 000 when absent.
import { proveSpray } from '@letterlock/e2e/key-spray'
import { startNodes } from '@letterlock/e2e/nodes/start-nodes'
import { show } from './proofs.ts'
import { withSurroundings } from './surroundings.ts'

const each = Number(process.env['BENCH_KEYS'] ?? 1_000_000)

await withSurroundings(async (closers) => {
  const nodes = await startNodes(closers, { apiRoles: ['api,management'] })
  await show(`${each.toLocaleString('en')} random and ${each.toLocaleString('en')} changed keys`, () => proveSpray(nodes, { random: each, mutated: each, atOnce: 128 }))
})
