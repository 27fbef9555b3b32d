// How long three nodes under load go on accepting what was forbidden, with notifications and without; and what a node
// answers that is cut off, stopped, or without its database. BENCH_TRIALS: of each kind, 500 when absent.
import { proveCutOff, proveDatabaseRestart, proveMinRevision, provePause } from '@letterlock/e2e/node-faults'
import { startNodes } from '@letterlock/e2e/nodes/start-nodes'
import { describeTrials, faultsOfTrials, runTrials, weaknessesOfTrials } from '@letterlock/e2e/revocation-trials'
import { show } from './proofs.ts'
import { withSurroundings } from './surroundings.ts'

const plan = { trials: Number(process.env['BENCH_TRIALS'] ?? 500), atOnce: 32 }

await withSurroundings(async (closers) => {
  const nodes = await startNodes(closers)
  const trials = (medianMs: number) => async () => {
    const report = await runTrials(nodes, plan)
    return { faults: faultsOfTrials(report), weaknesses: weaknessesOfTrials(report, medianMs), figures: describeTrials(report) }
  }
  await show('changes, told by NOTIFY', trials(50))
  await Promise.all(nodes.api.map(({ wire }) => wire.mute(true)))
  await show('changes, every notification lost', trials(1_000))
  await Promise.all(nodes.api.map(({ wire }) => wire.mute(false)))
  await show('the revision of the change demanded', () => proveMinRevision(nodes, 300))
  await show('a node loses its connections to PostgreSQL', () => proveCutOff(nodes, 'cut'))
  await show('a node hears nothing from PostgreSQL', () => proveCutOff(nodes, 'black hole'))
  await show('a node is stopped and continued', () => provePause(nodes, 10_000))
  await show('PostgreSQL is shut down at once and started again', () => proveDatabaseRestart(nodes, 3_000))
})
