import { HttpLine, requestText } from './http-line.ts'

/** The sum of a metric of a node over its labels; null when it has no such metric. The node must have the role `management`. */
export async function readMetric(managementPort: number, name: string): Promise<number | null> {
  const line = new HttpLine(managementPort)
  const answer = await line.ask(requestText('GET', '/metrics'))
  line.close()
  const rows = (answer?.body.toString() ?? '').split('\n').filter((row) => row.startsWith(`${name} `) || row.startsWith(`${name}{`))
  return rows.length === 0 ? null : rows.reduce((sum, row) => sum + Number(row.slice(row.lastIndexOf(' ') + 1)), 0)
}
