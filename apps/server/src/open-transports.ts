import { defineKeyFormat } from '@letterlock/keys'
import {
  type ComposedMessage, type DkimKey, type HandOver, type HandOverResult, type MailTransport, signMessage, simulatorTransport,
  smtpTransport,
} from '@letterlock/mail'
import { readFileSync } from 'node:fs'
import { type Config, ConfigError } from './config.ts'

/** The ways out for mail: live environments by SMTP, test environments to the simulator, always. */
export interface Transports {
  readonly live: MailTransport
  readonly test: MailTransport
}

/** Opens the transports; without a relay live mail waits and says why. */
export async function openTransports(
  config: Config, smtpUrl: string | undefined, closers: AsyncDisposableStack,
): Promise<Transports> {
  const dkimKeys = new Map<string, DkimKey>()
  for (const entry of config.dkim) dkimKeys.set(entry.domain, await readDkimKey(entry))
  const live = smtpUrl === undefined
    ? noRelay
    : smtpTransport({ url: smtpUrl, maxConnections: config.smtpConnections, findDkimKey: (domain) => dkimKeys.get(domain) })
  const test = simulatorTransport()
  closers.defer(async () => {
    await live.close()
    await test.close()
  })
  const { redactKeys } = defineKeyFormat({ prefix: config.keyPrefix })
  return { live: { ...live, handOver: withoutKeys(live.handOver, redactKeys) }, test }
}

// a relay may repeat what it was sent; its words are stored as the reason and shown to whoever may read the e-mail
function withoutKeys(handOver: HandOver, redact: (text: string) => string): HandOver {
  return async (message, options) => {
    const result = await handOver(message, options)
    const silent = result.kind === 'accepted' && result.rejected.length === 0
    return silent ? result : JSON.parse(redact(JSON.stringify(result))) as HandOverResult // texts and numbers alone
  }
}

async function readDkimKey({ domain, selector, keyFile }: Config['dkim'][number]): Promise<DkimKey> {
  try {
    const key = { domain, selector, privateKey: readFileSync(keyFile, 'utf8') }
    await signMessage(probe, key)
    return key
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new ConfigError(`LETTERLOCK_DKIM: the key of ${domain} in ${keyFile} cannot sign (${reason}). Give an RSA private key in PEM.`)
  }
}

const probe: ComposedMessage = {
  envelope: { from: 'probe@example.com', to: [] }, messageId: '<probe@example.com>', raw: Buffer.from('From: probe@example.com\r\n\r\nprobe\r\n'),
}

const noRelay: MailTransport = {
  handOver: () => Promise.resolve({ kind: 'unreachable', reason: 'SMTP_URL is not set.' }),
  close: () => Promise.resolve(),
}
