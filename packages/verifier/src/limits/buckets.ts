import type { Rate } from './gcra.ts'
import type { NamedLimit } from '../policy/rate-limit.ts'
import { remembered } from '../policy/remembered.ts'
import type { SeatHolder } from './take-tokens.ts'

/** Places of the numbers of a bucket; `count` is what drains per millisecond, `lastTake` the number of the last take. */
const [level, atMs, count, lastTake, width] = [0, 1, 2, 3, 4]

/** Where a bucket that is not held would be: one that is always empty. */
const nowhere = 0

/** A drained bucket is kept this long after its last use. */
const idleMs = 10_000

/** What is counted by, without whose it is. */
export type NamedRate = Rate & { readonly name: string }

/** Where the buckets of some limits are. Most lie side by side, as they were made; then the first says where all are. */
export class Seats {
  readonly limits: readonly NamedLimit[]
  readonly #first: number
  /** Null when they lie side by side: what a check need not fetch, it does not wait for. */
  readonly #slots: readonly number[] | null
  /** The same ones for all who have equal limits, so that they stay in the processor's cache. */
  readonly rates: readonly NamedRate[]
  readonly era: object

  constructor(limits: readonly NamedLimit[], slots: readonly number[], { rates, era }: Pick<Seats, 'rates' | 'era'>) {
    this.limits = limits
    this.#first = slots[0] ?? nowhere
    this.#slots = slots.every((slot, i) => slot !== nowhere && slot === this.#first + i * width) ? null : slots
    this.rates = rates
    this.era = era
  }

  /** Where the i-th bucket is. */
  slotOf(i: number): number {
    return this.#slots === null ? this.#first + i * width : (this.#slots[i] as number) // i is within
  }
}

/**
 * Leaky buckets by their text. They are numbers in one array: as objects with boxed numbers, made anew while in use,
 * those of 1 000 keys in turn left each garbage collection 4 MB to keep, instead of next to nothing.
 */
export class Buckets {
  readonly #maxBuckets: number
  readonly #slots = new Map<string, number>()
  #sweepAt: number
  #numbers: Float64Array
  #takes = 0
  /** Another one after each sweep, which moves buckets. */
  #era = {}

  constructor(maxBuckets: number) {
    this.#maxBuckets = maxBuckets
    this.#sweepAt = Math.min(maxBuckets, 1_024)
    this.#numbers = new Float64Array((1 + this.#sweepAt) * width)
  }

  get size(): number {
    return this.#slots.size
  }

  /** Where the limits' buckets are, without a look-up when the holder still knows. Makes room for all. */
  find(limits: readonly NamedLimit[], { nowMs, holder }: { readonly nowMs: number; readonly holder: SeatHolder | undefined }): Seats {
    const seats = holder?.seats
    if (seats instanceof Seats && seats.era === this.#era && seats.limits === limits) return seats
    if (this.size + limits.length > this.#sweepAt) this.#sweep(nowMs, limits.length)
    const slots = limits.map(({ bucket }) => this.#slots.get(bucket) ?? nowhere)
    if (!holder || slots.includes(nowhere)) return new Seats(limits, slots, { rates: limits, era: this.#era })
    const held = new Seats(limits, slots, { rates: ratesOf(limits), era: this.#era })
    holder.seats = held
    return held
  }

  levelAt(slot: number): number {
    return this.#numbers[slot + level] as number // slots are within
  }

  /** Lets drain what did since the last time, by `drain` of gcra.ts; the level of now. */
  drain(slot: number, nowMs: number): number {
    const numbers = this.#numbers
    const elapsedMs = nowMs - (numbers[slot + atMs] as number)
    if (elapsedMs > 0) {
      numbers[slot + level] = Math.max(0, (numbers[slot + level] as number) - (numbers[slot + count] as number) * elapsedMs)
      numbers[slot + atMs] = nowMs
    }
    return numbers[slot + level] as number
  }

  /** Pours `cost` tokens into the i-th bucket, which is drained; makes it when it is nowhere. The level of now. */
  pour(seats: Seats, i: number, { cost, nowMs }: { readonly cost: number; readonly nowMs: number }): number {
    const rate = seats.rates[i] as Rate // i is within, and so below
    const held = seats.slotOf(i)
    const slot = held === nowhere ? this.#make(seats.limits[i] as NamedLimit, nowMs) : held
    const numbers = this.#numbers
    numbers[slot + count] = rate.count
    numbers[slot + lastTake] = ++this.#takes
    return (numbers[slot + level] = (numbers[slot + level] as number) + cost * rate.periodMs)
  }

  #make({ bucket }: NamedLimit, nowMs: number): number {
    const slot = this.#slots.get(bucket) ?? (1 + this.size) * width
    this.#slots.set(bucket, slot)
    this.#numbers[slot + level] = 0
    this.#numbers[slot + atMs] = nowMs
    return slot
  }

  /** Drops what is idle, then what is longest untouched, to make room for `room` more, and then some, or each take would sweep. */
  #sweep(nowMs: number, room: number): void {
    const [max, before] = [this.#maxBuckets, this.size]
    this.#drop((slot) => this.#isIdle(slot, nowMs))
    const newestForgotten = this.#newestOf(this.size - Math.max(0, Math.min(Math.floor(max * 0.9), max - room)))
    if (newestForgotten > 0) this.#drop((slot) => (this.#numbers[slot + lastTake] as number) <= newestForgotten)
    if (this.size < before) this.#era = {}
    this.#sweepAt = Math.min(max, Math.max(1_024, this.size * 2))
    const numbers = new Float64Array((1 + Math.max(this.#sweepAt, this.size + room)) * width)
    numbers.set(this.#numbers.subarray(0, (1 + this.size) * width))
    this.#numbers = numbers
  }

  /** Drained and left alone. One that is drained but in use would only be made again: for 1 000 keys in turn that was two fifths of a check. */
  #isIdle(slot: number, nowMs: number): boolean {
    const elapsedMs = nowMs - (this.#numbers[slot + atMs] as number)
    return elapsedMs >= idleMs && this.levelAt(slot) <= (this.#numbers[slot + count] as number) * elapsedMs
  }

  /** Drops some and closes the gaps. No slot is written over before it was read: the map is in the order of slots. */
  #drop(isDropped: (slot: number) => boolean): void {
    let end = width
    for (const [bucket, slot] of this.#slots) {
      if (isDropped(slot)) {
        this.#slots.delete(bucket)
        continue
      }
      this.#numbers.copyWithin(end, slot, slot + width)
      this.#slots.set(bucket, end)
      end += width
    }
  }

  /** The last take from the newest of the `oldest` ones that are longest untouched. */
  #newestOf(oldest: number): number {
    if (oldest <= 0) return 0
    return Float64Array.from(this.#slots.values(), (slot) => this.#numbers[slot + lastTake] as number).sort()[oldest - 1] ?? 0
  }
}

function ratesOf(limits: readonly NamedLimit[]): readonly NamedRate[] {
  return sharedRates(JSON.stringify(limits.map(({ name, count, periodMs, burst }) => ({ name, count, periodMs, burst }))))
}

const sharedRates = remembered((list: string) => JSON.parse(list) as readonly NamedRate[], 1_000)
