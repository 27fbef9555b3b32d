import type { RecordedUse, UsageCount } from './recorded-use.ts'

/** Requests as they were, a column each; all columns are equally long. */
export interface RequestRecords {
  /** Milliseconds since 1970. */
  readonly times: number[]
  readonly requestIds: string[]
  /** What each is counted in: its environment, key, operation and outcome. */
  readonly counts: UsageCount[]
  /** 0 when it is not known. */
  readonly secretVersions: number[]
  readonly statuses: number[]
  /** Whole microseconds, at most half an hour. */
  readonly durationsUs: number[]
  readonly ips: (string | null)[]
  /** At most 200 characters. */
  readonly userAgents: (string | null)[]
}

/** The records of requests, in parts of so many. */
export class UsageRecords {
  readonly #perPart: number
  #parts: RequestRecords[] = []
  #size = 0

  constructor(perPart: number) {
    this.#perPart = perPart
  }

  get size(): number {
    return this.#size
  }

  add(use: RecordedUse, count: UsageCount): void {
    let part = this.#parts.at(-1)
    if (!part || part.times.length >= this.#perPart) {
      part = { times: [], requestIds: [], counts: [], secretVersions: [], statuses: [], durationsUs: [], ips: [], userAgents: [] }
      this.#parts.push(part)
    }
    part.times.push(use.now.getTime())
    part.requestIds.push(use.requestId)
    part.counts.push(count)
    part.secretVersions.push(use.secretVersion ?? 0)
    part.statuses.push(use.status)
    part.durationsUs.push(Math.min(Math.round(use.durationMs * 1_000), maxDurationUs))
    part.ips.push(use.ip)
    part.userAgents.push(use.userAgent !== null && use.userAgent.length > 200 ? use.userAgent.slice(0, 200) : use.userAgent)
    this.#size++
  }

  /** Removes the oldest part. */
  shift(): RequestRecords | undefined {
    const part = this.#parts.shift()
    this.#size -= part?.times.length ?? 0
    return part
  }

  take(): RequestRecords[] {
    const taken = this.#parts
    this.#parts = []
    this.#size = 0
    return taken
  }
}

/** What an integer of PostgreSQL holds. */
const maxDurationUs = 2 ** 31 - 1
