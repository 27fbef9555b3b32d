import type { HandOverResult, RejectedRecipient } from './hand-over.ts'

/** What nodemailer puts on its errors; all optional, because any error can arrive. */
export interface SmtpError {
  readonly message: string
  readonly code?: string | undefined
  readonly command?: string | undefined
  readonly response?: string | undefined
  readonly responseCode?: number | undefined
  readonly recipient?: string | undefined
}

const longestResponse = 500
const messageCommands = new Set(['MAIL FROM', 'RCPT TO', 'DATA'])

/**
 * Turns a failed SMTP hand-over into what is known about the message.
 *
 * The one question that matters is whether the content left: `contentRead` says that nodemailer took the
 * message's bytes to send them. Before that nothing can have been accepted, whatever went wrong. After it
 * only a 4xx or 5xx answer to the message itself proves that it was not.
 */
export function outcomeOfFailure(error: SmtpError, contentRead: boolean): HandOverResult {
  const code = error.responseCode ?? 0
  const answered = code >= 400 && code < 600
  if (contentRead && !(answered && (error.code === 'EMESSAGE' || error.code === 'ECONNECTION'))) {
    return { kind: 'unknown', reason: describe(error) }
  }
  if (!answered) return beforeContent(error)
  const response = shorten(error.response ?? error.message)
  // A refused login, greeting or STARTTLS is the relay's state and says nothing about this message.
  const aboutMessage = messageCommands.has(error.command ?? '')
  if (isFinal(code) && !aboutMessage) return { kind: 'unreachable', reason: describe(error) }
  if (isFinal(code)) return { kind: 'permanent', code, response }
  return { kind: 'temporary', code, response, throttled: isThrottled(code, response) }
}

/** The recipients refused beside accepted ones. */
export function rejectedRecipients(errors: readonly SmtpError[]): RejectedRecipient[] {
  return errors.map((error) => ({
    address: error.recipient ?? '',
    code: error.responseCode ?? 0,
    response: shorten(error.response ?? error.message),
  }))
}

/** Cut to what is worth storing, without characters that would break a log line. */
export function shorten(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f]+/g, ' ').trim().slice(0, longestResponse)
}

/** RFC 5321 §4.2.1: 5yz is final, but 503 says that the session was out of order, not the message. */
function isFinal(code: number): boolean {
  return code >= 500 && code !== 503
}

function isThrottled(code: number, response: string): boolean {
  return code === 421 || code === 454 || /\b4\.7\.\d+|\b4\.3\.2\b/.test(response) || /throttl|rate.?limit|too many|too fast/i.test(response)
}

/** Nothing was sent and no code came: either nodemailer refused the message itself, or the way is closed. */
function beforeContent(error: SmtpError): HandOverResult {
  if (error.code === 'EMESSAGE' && error.command === 'MAIL FROM') return { kind: 'permanent', code: 552, response: shorten(error.message) }
  if (error.code === 'EENVELOPE' && error.command === 'API') return { kind: 'permanent', code: 553, response: shorten(error.message) }
  return { kind: 'unreachable', reason: describe(error) }
}

function describe(error: SmtpError): string {
  return shorten([error.code, error.command, error.message].filter(Boolean).join(' '))
}
