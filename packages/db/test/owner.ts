/** A program that owns a cluster until it is killed; what it does comes out as one JSON object a line. */
import { startCluster } from '../src/cluster.ts'

const say = (line: object): void => {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

process.stdout.on('error', () => {}) // the test has read what it wanted

const [dataDir = '', binDir, durability] = process.argv.slice(2)
try {
  const durable = durability !== 'volatile'
  const cluster = await startCluster({ dataDir, log: say, durable, ...(binDir && { binDir }) })
  process.once('SIGTERM', () => void cluster.stop())
  say({ event: 'owned', url: cluster.connectionString('postgres') })
} catch (error) {
  const { name, code, message } = error as Error & { code?: string }
  say({ event: 'refused', name, code, message })
}
