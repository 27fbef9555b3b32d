import { readFileSync } from 'node:fs'
import { afterEach, expect, test } from 'vitest'
import { clientOf, loadCampaign } from './crash-campaign.ts'
import { createSite, delay, startServerProcess } from './server-process.ts'
import { startSmtpSink } from './smtp-sink.ts'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

/** Resident memory of a process in MiB. */
function residentMiB(pid: number): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024
}

test.runIf(process.platform === 'linux')('the memory of the server does not grow with the audience', async () => {
  const sink = await startSmtpSink()
  closers.push(sink.close)
  const site = await createSite({ SMTP_URL: sink.url })
  closers.push(site.remove)
  const server = await startServerProcess(site)
  closers.push(() => server.kill('SIGTERM'))
  const client = clientOf(server)
  const recipients = 12_000
  await client.campaigns.send(await loadCampaign(client, recipients))
  const early: number[] = []
  const late: number[] = []
  while (sink.total() < recipients) {
    const share = sink.total() / recipients
    if (share > 0.1 && share < 0.4) early.push(residentMiB(server.pid))
    if (share > 0.7) late.push(residentMiB(server.pid))
    await delay(50)
  }
  expect([early.length, late.length].every((samples) => samples > 5)).toBe(true)
  expect(Math.max(...late)).toBeLessThan(Math.max(...early) * 1.25)
})
