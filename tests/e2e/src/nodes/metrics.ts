import { HttpLine, requestText } from './http-line.ts'

/** The sum of a metric of a node over its labels; null when it has no such metric. The node must have the role `management`. */
export async function readMetric(managementPort: number, name: string): Promise<number | null> {
  const rows = (await readRows(managementPort)).filter((row) => row.startsWith(`${name} `) || row.startsWith(`${name}{`))
  return rows.length === 0 ? null : sum(rows)
}

/** How many requests a node has answered, and how many of them took longer, by its own clock; `seconds` is a bound of its histogram. */
export async function readSlow(managementPort: number, seconds: number): Promise<{ all: number; slower: number }> {
  const rows = (await readRows(managementPort)).filter((row) => row.startsWith('letterlock_request_seconds'))
  const all = sum(rows.filter((row) => row.startsWith('letterlock_request_seconds_count')))
  return { all, slower: all - sum(rows.filter((row) => row.includes(`le="${seconds}"`))) }
}

async function readRows(port: number): Promise<string[]> {
  const line = new HttpLine(port)
  const answer = await line.ask(requestText('GET', '/metrics'))
  line.close()
  return (answer?.body.toString() ?? '').split('\n')
}

function sum(rows: readonly string[]): number {
  return rows.reduce((total, row) => total + Number(row.slice(row.lastIndexOf(' ') + 1)), 0)
}
