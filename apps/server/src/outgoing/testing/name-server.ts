import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createHostResolver, type ResolveHost } from '../resolve-host.ts'

/** What is asked of a name server, counted from 1 for each type. */
export interface Question {
  readonly name: string
  readonly type: 'A' | 'AAAA'
  readonly count: number
}

/** A name server on a port of its own, which may answer each question with other addresses. */
export async function startNameServer(answer: (question: Question) => readonly string[]): Promise<{ resolveHost: ResolveHost; questions: Question[]; stop: () => void }> {
  const socket = createSocket('udp4')
  const questions: Question[] = []
  socket.on('message', (message, { port, address }) => {
    const { name, type, end } = readQuestion(message)
    const question: Question = { name, type, count: questions.filter((other) => other.type === type).length + 1 }
    questions.push(question)
    socket.send(reply(message.subarray(0, end), type, answer(question)), port, address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const resolveHost = createHostResolver({ servers: [`127.0.0.1:${socket.address().port}`], timeoutMs: 1_000 })
  return { resolveHost, questions, stop: () => void socket.close() }
}

// RFC 1035 §4: twelve bytes of header, then labels with their lengths, type and class
function readQuestion(message: Buffer): { name: string; type: Question['type']; end: number } {
  const labels: string[] = []
  let at = 12
  for (let length = message[at] ?? 0; length > 0; length = message[at] ?? 0) {
    labels.push(message.toString('latin1', at + 1, at + 1 + length))
    at += length + 1
  }
  return { name: labels.join('.'), type: message.readUInt16BE(at + 1) === 28 ? 'AAAA' : 'A', end: at + 5 }
}

function reply(asked: Buffer, type: Question['type'], addresses: readonly string[]): Buffer {
  const header = Buffer.from(asked)
  header.writeUInt16BE(0x8180, 2) // an answer, and recursion was available
  header.writeUInt16BE(addresses.length, 6)
  header.writeUInt32BE(0, 8) // no authorities, nothing additional
  return Buffer.concat([header, ...addresses.map((address) => record(type, address))])
}

function record(type: Question['type'], address: string): Buffer {
  const data = type === 'A' ? Buffer.from(address.split('.').map(Number)) : ipv6Bytes(address)
  const fields = Buffer.from([0xc0, 12, 0, type === 'A' ? 1 : 28, 0, 1, 0, 0, 0, 0, 0, data.length]) // the name of the question, kept for 0 s
  return Buffer.concat([fields, data])
}

function ipv6Bytes(address: string): Buffer {
  const [head = '', tail = ''] = address.split('::')
  const groups = (part: string) => part.split(':').filter(Boolean)
  const missing = Array.from({ length: 8 - groups(head).length - groups(tail).length }, () => '0')
  return Buffer.from([...groups(head), ...missing, ...groups(tail)].map((group) => group.padStart(4, '0')).join(''), 'hex')
}
