// Where clients show their key: printed, as JSON, in the error of a 401, in the debug log.
import { inspect } from 'node:util'
import { startFaultServer } from './fault-server.ts'
import { type Sdk, sdks } from './sdks.ts'

console.log(row(['', 'console.log(client)', 'JSON.stringify(client)', 'error of a 401, printed', 'error as JSON', 'debug log']))
const error = console.error
console.error = () => {} // some print what they return
for (const sdk of sdks) console.log(row([sdk.name, ...(await leaksOf(sdk))]))
console.error = error

async function leaksOf({ open, newKey, hasLog }: Sdk): Promise<string[]> {
  const server = await startFaultServer({ name: '401', status: 401 })
  const key = newKey()
  const lines: string[] = []
  const { client, post } = open(server.url, key, (line) => void lines.push(line))
  const failure: unknown = await post().then(() => new Error('no failure'), (thrown: unknown) => thrown)
  await server.stop()
  const verdict = (show: () => string) => {
    try {
      return show().includes(key.slice(-16)) ? '**leaks**' : 'clean'
    } catch {
      return 'throws'
    }
  }
  return [
    verdict(() => inspect(client)),
    verdict(() => JSON.stringify(client)),
    verdict(() => inspect(failure, { depth: 10 })),
    verdict(() => JSON.stringify(failure)),
    hasLog && lines.length > 0 ? verdict(() => lines.join('\n')) : 'none',
  ]
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}
