import { defaultLimits } from '@letterlock/server/sender-limits'
import type { CrashReport } from './crash-campaign.ts'

/** What a crash report breaks of the promise: nobody twice, nobody missing unseen, unknown at most what was in flight. */
export function faultsOf(report: CrashReport): string[] {
  const { audience, stats, twice, disagreements, kills, contactsBefore, contactsAfter } = report
  const { sent, failed, suppressed, unknown, queued, sending } = stats
  const checks: [boolean, string][] = [
    [twice.length === 0, `mailed twice: ${twice.slice(0, 5).join(', ')} (${twice.length})`],
    [disagreements.length === 0, `ledger and sink disagree: ${disagreements.slice(0, 5).join('; ')} (${disagreements.length})`],
    [audience === contactsBefore, `the audience is ${audience}, not ${contactsBefore}`],
    [sent + failed + suppressed + unknown === audience, `${sent} + ${failed} + ${suppressed} + ${unknown} is not ${audience}`],
    [queued === 0 && sending === 0, `${queued} queued and ${sending} sending are left`],
    [unknown <= kills * defaultLimits.inFlightWindow, `${unknown} unknown, more than ${kills} × ${defaultLimits.inFlightWindow}`],
    [contactsAfter === contactsBefore, `${contactsAfter} contacts of ${contactsBefore} are left`],
  ]
  return checks.filter(([held]) => !held).map(([, fault]) => fault)
}
