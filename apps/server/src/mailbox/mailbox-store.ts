import { closeSync, existsSync, fstatSync, ftruncateSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs'
import { join } from 'node:path'

/** One received message: where its bytes are in the journal, and what lists need without reading them. */
export interface StoredMessage {
  readonly id: string
  readonly from: string
  readonly to: readonly string[]
  readonly receivedAt: string
  readonly offset: number
  readonly length: number
}

interface EntryHead {
  id: string
  from: string
  to: string[]
  receivedAt: string
  length: number
}

/**
 * Messages in one append-only journal: a line of JSON, then that many raw bytes, then a line feed.
 * A message is in the journal before its sender hears `250`, so a killed server has lost none it accepted.
 */
export class MailboxStore {
  readonly #fd: number
  readonly #messages: StoredMessage[] = []
  readonly #byId = new Map<string, StoredMessage>()
  #size = 0

  constructor(directory: string) {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    const file = join(directory, 'messages')
    this.#fd = openSync(file, existsSync(file) ? 'r+' : 'w+', 0o600)
    this.#load()
  }

  append(message: { id: string; from: string; to: string[]; receivedAt: string; raw: Buffer }): void {
    const { raw, ...rest } = message
    const head = Buffer.from(`${JSON.stringify({ ...rest, length: raw.length } satisfies EntryHead)}\n`)
    const entry = Buffer.concat([head, raw, lineFeed])
    writeFully(this.#fd, entry, this.#size)
    this.#add({ ...rest, offset: this.#size + head.length, length: raw.length })
    this.#size += entry.length
  }

  /** Newest first; `to` filters by envelope address, `after` starts behind the message of that id. */
  list(query: { to: string | undefined; after: string | undefined; limit: number }): StoredMessage[] {
    const to = query.to?.toLowerCase()
    const found: StoredMessage[] = []
    let open = query.after === undefined
    for (let i = this.#messages.length - 1; i >= 0 && found.length < query.limit; i--) {
      const message = this.#messages[i]
      if (!message) break
      if (open && (to === undefined || message.to.some((address) => address.toLowerCase() === to))) found.push(message)
      if (message.id === query.after) open = true
    }
    return found
  }

  find(id: string): StoredMessage | null {
    return this.#byId.get(id) ?? null
  }

  read(message: StoredMessage): Buffer {
    const raw = Buffer.alloc(message.length)
    readSync(this.#fd, raw, 0, message.length, message.offset)
    return raw
  }

  get count(): number {
    return this.#messages.length
  }

  clear(): void {
    ftruncateSync(this.#fd, 0)
    this.#size = 0
    this.#messages.length = 0
    this.#byId.clear()
  }

  close(): void {
    closeSync(this.#fd)
  }

  #add(message: StoredMessage) {
    this.#messages.push(message)
    this.#byId.set(message.id, message)
  }

  // a torn entry at the end was never acknowledged: it is cut off
  #load() {
    const total = fstatSync(this.#fd).size
    while (this.#size < total) {
      const head = this.#readHead(total)
      if (!head || head.offset + head.entry.length + 1 > total) break
      const { length, ...rest } = head.entry
      this.#add({ ...rest, offset: head.offset, length })
      this.#size = head.offset + length + 1
    }
    ftruncateSync(this.#fd, this.#size)
  }

  #readHead(total: number): { entry: EntryHead; offset: number } | null {
    for (let bytes = 4_096; bytes <= 262_144; bytes *= 8) {
      const chunk = Buffer.alloc(Math.min(bytes, total - this.#size))
      readSync(this.#fd, chunk, 0, chunk.length, this.#size)
      const end = chunk.indexOf(10)
      if (end >= 0) return { entry: JSON.parse(chunk.toString('utf8', 0, end)) as EntryHead, offset: this.#size + end + 1 } // written by append
    }
    return null
  }
}

function writeFully(fd: number, bytes: Buffer, position: number) {
  for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done, bytes.length - done, position + done)
}

const lineFeed = Buffer.from('\n')
