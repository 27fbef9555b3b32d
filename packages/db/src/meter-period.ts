/** A period of a meter; a level (`contacts.stored`) has one that never ends. */
export interface MeterPeriod {
  readonly start: Date
  /** When the count begins anew; null: never. */
  readonly resetsAt: Date | null
}

/** The running period: a calendar month in UTC for what flows, the whole of time for what is stored. */
export function meterPeriod(meter: string, now: Date): MeterPeriod {
  if (meter === 'contacts.stored') return { start: new Date(0), resetsAt: null }
  const [year, month] = [now.getUTCFullYear(), now.getUTCMonth()]
  return { start: new Date(Date.UTC(year, month)), resetsAt: new Date(Date.UTC(year, month + 1)) }
}
