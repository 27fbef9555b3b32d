/** What went through a wire so far. */
export interface WireCounts {
  /** Statements (Bind and simple Query). */
  readonly statements: number
  /** Notifications from PostgreSQL, those that were dropped included. */
  readonly notifications: number
}

/** To the thread of a wire, which obeys and then answers with the same id. */
export interface WireOrder {
  readonly id: number
  readonly order: 'pass' | 'cut' | 'black hole' | 'mute' | 'unmute' | 'count'
}

export interface WireAnswer {
  readonly id: number
  readonly counts: WireCounts
}
