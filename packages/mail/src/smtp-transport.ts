import { Readable } from 'node:stream'
import SMTPPool, { type SMTPPoolSentMessageInfo } from 'nodemailer/lib/smtp-pool'
import { domainOf } from './address.ts'
import type { ComposedMessage } from './compose.ts'
import { signMessage, type DkimKey } from './dkim.ts'
import type { HandOverOptions, HandOverResult, MailTransport } from './hand-over.ts'
import { outcomeOfFailure, rejectedRecipients, shorten, type SmtpError } from './smtp-outcome.ts'

/** How to reach a relay. */
export interface SmtpTransportOptions {
  /** `smtp://user:password@host:587` or `smtps://…`. */
  readonly url: string
  /** Connections open at once; 5 when absent. */
  readonly maxConnections?: number
  /** Messages after which a connection is replaced; 1 000 when absent. */
  readonly messagesPerConnection?: number
  /** Looked up per message by the domain of its envelope sender; a message of a domain with a key is signed. */
  readonly findDkimKey?: (domain: string) => DkimKey | undefined
  readonly timeouts?: { readonly connectMs?: number; readonly greetingMs?: number; readonly silenceMs?: number }
}

type PoolMail = Parameters<SMTPPool['send']>[0]

/** How often a message goes to another connection because its own was dead before a byte of it was sent. */
const resendsAfterDeadConnection = 2

/**
 * A pool of SMTP connections that never sends a message twice.
 *
 * nodemailer's own requeueing is off, since it cannot say what became of a message. Here each attempt hands
 * over a stream and sees whether it was read: unread content cannot have been accepted, read content without
 * an answer is `unknown`.
 */
export function smtpTransport(options: SmtpTransportOptions): MailTransport {
  const pool = createPool(options)
  const underWay = new Set<Promise<HandOverResult>>()
  let closed = false
  const signThenSend = async (message: ComposedMessage, { signal }: HandOverOptions): Promise<HandOverResult> => {
    const key = options.findDkimKey?.(domainOf(message.envelope.from))
    if (key === undefined) return send(pool, message, signal)
    const signed = await signMessage(message, key).catch((error: Error) => error)
    return signed instanceof Error ? { kind: 'unreachable', reason: signed.message } : send(pool, signed, signal)
  }
  return {
    handOver: (message, handOverOptions = {}) => {
      if (closed) return Promise.resolve({ kind: 'unreachable', reason: 'The transport is closed.' })
      const result = signThenSend(message, handOverOptions)
      underWay.add(result)
      const forget = () => underWay.delete(result)
      result.then(forget, forget)
      return result
    },
    close: async () => {
      closed = true
      await Promise.allSettled(underWay)
      pool.close()
    },
  }
}

function createPool(options: SmtpTransportOptions): SMTPPool {
  return new SMTPPool({
    url: options.url,
    maxConnections: options.maxConnections ?? 5,
    maxMessages: options.messagesPerConnection ?? 1_000,
    maxRequeues: 0,
    connectionTimeout: options.timeouts?.connectMs ?? 10_000,
    greetingTimeout: options.timeouts?.greetingMs ?? 10_000,
    socketTimeout: options.timeouts?.silenceMs ?? 60_000,
  })
}

async function send(pool: SMTPPool, message: ComposedMessage, signal: AbortSignal | undefined): Promise<HandOverResult> {
  for (let resends = 0; ; resends += 1) {
    if (signal?.aborted) return { kind: 'unreachable', reason: 'Aborted before it was sent.' }
    const attempt = await sendOnce(pool, message, signal)
    if (!attempt.connectionWasDead || resends === resendsAfterDeadConnection) return attempt.result
  }
}

interface Attempt {
  readonly result: HandOverResult
  readonly connectionWasDead: boolean
}

function sendOnce(pool: SMTPPool, message: ComposedMessage, signal: AbortSignal | undefined): Promise<Attempt> {
  const content = watchedContent(message.raw)
  return new Promise((resolve) => {
    pool.send(poolMail(message, content.stream, signal), (error, info) => {
      if (info !== undefined) return resolve({ result: accepted(info), connectionWasDead: false })
      const failure: SmtpError = error ?? new Error('The pool gave neither a result nor an error.')
      const result = outcomeOfFailure(failure, content.wasRead())
      // With requeueing off, the pool reports a dead connection without a command; every real failure names one.
      const withoutCommand = failure.code === 'ECONNECTION' && failure.command === undefined
      resolve({ result, connectionWasDead: result.kind === 'unreachable' && withoutCommand })
    })
  })
}

function accepted(info: SMTPPoolSentMessageInfo): HandOverResult {
  return { kind: 'accepted', response: shorten(info.response), rejected: rejectedRecipients(info.rejectedErrors ?? []) }
}

/** The message's bytes, and whether anybody has taken them to the wire. */
function watchedContent(raw: Buffer): { readonly stream: Readable; readonly wasRead: () => boolean } {
  let read = false
  const stream = new Readable({
    read() {
      read = true
      this.push(raw)
      this.push(null)
    },
  })
  return { stream, wasRead: () => read }
}

/** The part of nodemailer's mail object that its pool uses; composing again there would cost more than sending. */
function poolMail(message: ComposedMessage, content: Readable, signal: AbortSignal | undefined): PoolMail {
  const envelope = { from: message.envelope.from, to: [...message.envelope.to], size: message.raw.length }
  const mail = {
    data: { signal },
    message: {
      getEnvelope: () => envelope,
      messageId: () => message.messageId,
      getHeader: () => message.messageId,
      createReadStream: () => content,
    },
  }
  return mail as unknown as PoolMail
}
