// What the runners' own reports say, counted together.

/** The part of a vitest JSON report that the summary reads. */
export type Report = {
  success: boolean
  testResults: {
    name: string
    status: string
    assertionResults: { fullName: string; status: string }[]
  }[]
}

/** One package with a `test` script and the report its runner left, if it left one. */
export type PackageReport = { packageName: string; report: Report | null }

/** Every test by name in one of three states; what could not be seen counts as failed. */
export type Summary = { passed: string[]; failed: string[]; skipped: string[] }

/** Counts the reports; a package without a report, or with no test in it, is a failure of its own. */
export function summarize(reports: PackageReport[]): Summary {
  const summary: Summary = { passed: [], failed: [], skipped: [] }
  for (const { packageName, report } of reports) addReport(summary, packageName, report)
  if (reports.length === 0) summary.failed.push('no package has tests')
  return summary
}

/** The line that ends `npm test`. */
export function countsLine({ passed, failed, skipped }: Summary) {
  return `${passed.length} passed, ${failed.length} failed, ${skipped.length} skipped`
}

function addReport(summary: Summary, packageName: string, report: Report | null) {
  if (!report) {
    summary.failed.push(`${packageName} left no test report`)
    return
  }
  const failedBefore = summary.failed.length
  let seen = 0
  for (const file of report.testResults) {
    seen += file.assertionResults.length
    addFile(summary, packageName, file)
  }
  if (seen === 0) summary.failed.push(`${packageName} ran no test`)
  if (!report.success && summary.failed.length === failedBefore) {
    summary.failed.push(`${packageName} failed outside of a test`)
  }
}

function addFile(summary: Summary, packageName: string, file: Report['testResults'][number]) {
  for (const { fullName, status } of file.assertionResults) {
    summary[states[status] ?? 'failed'].push(`${packageName}: ${fullName}`)
  }
  const reasonSeen = file.assertionResults.some(({ status }) => states[status] === undefined)
  if (file.status === 'failed' && !reasonSeen) summary.failed.push(`${packageName}: ${file.name} failed to load`)
}

const states: Record<string, 'passed' | 'skipped' | undefined> = {
  passed: 'passed',
  skipped: 'skipped',
  pending: 'skipped',
  todo: 'skipped',
  disabled: 'skipped',
}
