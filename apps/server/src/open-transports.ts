import { type DkimKey, type MailTransport, simulatorTransport, smtpTransport } from '@letterlock/mail'
import { readFileSync } from 'node:fs'
import type { Config } from './config.ts'

/** The ways out for mail: live environments by SMTP, test environments to the simulator, always. */
export interface Transports {
  readonly live: MailTransport
  readonly test: MailTransport
}

/** Opens the transports; without a relay live mail waits and says why. */
export function openTransports(config: Config, smtpUrl: string | undefined, closers: AsyncDisposableStack): Transports {
  const dkimKeys = new Map(config.dkim.map((entry) => [entry.domain, readDkimKey(entry)]))
  const live = smtpUrl === undefined
    ? noRelay
    : smtpTransport({ url: smtpUrl, maxConnections: config.smtpConnections, findDkimKey: (domain) => dkimKeys.get(domain) })
  const test = simulatorTransport()
  closers.defer(async () => {
    await live.close()
    await test.close()
  })
  return { live, test }
}

function readDkimKey({ domain, selector, keyFile }: Config['dkim'][number]): DkimKey {
  return { domain, selector, privateKey: readFileSync(keyFile, 'utf8') }
}

const noRelay: MailTransport = {
  handOver: () => Promise.resolve({ kind: 'unreachable', reason: 'SMTP_URL is not set.' }),
  close: () => Promise.resolve(),
}
