import type { z } from 'zod'
import type { statement, statementLine } from './statement-answer.ts'

const columns = ['month', 'currency', 'kind', 'planId', 'planName', 'from', 'to', 'meter', 'used', 'included', 'overage', 'price', 'per', 'amount'] as const

/** The lines of a statement as RFC 4180, a header first; what the kind of a line does not have is empty. */
export function toCsv({ month, currency, lines }: z.output<typeof statement>): string {
  const rows = lines.map((line: z.output<typeof statementLine>) => {
    const cells: Partial<Record<(typeof columns)[number], string | number>> = { month, currency, ...line }
    return columns.map((column) => cell(cells[column] ?? ''))
  })
  return [columns, ...rows].map((row) => `${row.join(',')}\r\n`).join('')
}

/** Text that a spreadsheet would take for a formula is led by an apostrophe; numbers are numbers. */
function cell(value: string | number): string {
  if (typeof value === 'number') return String(value)
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
