import { isWithin, type Moment } from '../freshness/moment.ts'
import type { Proof } from '../ports.ts'

/** A proof on its way. */
export interface Flight {
  /** Flights are numbered as they start, from 1. */
  readonly number: number
  readonly startedAt: Moment
  /** The epoch of what was known at the start. */
  readonly epoch: number
  /** The revision that was seen at the start: what the store says is of that one or later. */
  readonly revision: number
  readonly proof: Promise<Proof>
}

/** One proof at a time per token, joined by all who ask meanwhile: a thousand requests with a new key read once. */
export class ProofFlights {
  readonly #flights = new Map<string, Flight>()
  #started = 0

  /** How many have started. */
  get started(): number {
    return this.#started
  }

  /** The running flight of a hash if it started within `ms`. */
  find(hash: string, now: Moment, ms: number): Flight | null {
    const flight = this.#flights.get(hash)
    return flight && isWithin(flight.startedAt, now, ms) ? flight : null
  }

  /** Starts one in the place of what was under the hash. */
  start(hash: string, { prove, ...start }: Pick<Flight, 'startedAt' | 'epoch' | 'revision'> & { readonly prove: () => Promise<Proof> }): Flight {
    this.#started += 1
    const flight: Flight = { ...start, number: this.#started, proof: prove().finally(() => this.#end(hash, flight)) }
    this.#flights.set(hash, flight)
    return flight
  }

  #end(hash: string, flight: Flight): void {
    if (this.#flights.get(hash) === flight) this.#flights.delete(hash)
  }
}
