interface Candidate {
  readonly environmentId: string
  readonly id: string
}

/** Whose turn it is to be sent. */
export interface Turns {
  /** Of the environments the one served longest ago, and of its campaigns the one served longest ago. */
  readonly next: <T extends Candidate>(candidates: readonly T[]) => T | undefined
  /** Forgets all that is not among these. */
  readonly keep: (candidates: readonly Candidate[]) => void
}

/** Serves environments in turn: one with hundreds of campaigns gets no more than one with a single campaign. */
export function createTurns(): Turns {
  const served = new Map<string, number>()
  let turn = 0
  const last = (id: string) => served.get(id) ?? 0
  const isBefore = (a: Candidate, b: Candidate) =>
    (last(a.environmentId) - last(b.environmentId) || last(a.id) - last(b.id)) < 0

  return {
    next(candidates) {
      const [first, ...others] = candidates
      if (first === undefined) return undefined
      const chosen = others.reduce((best, each) => (isBefore(each, best) ? each : best), first)
      turn += 1
      served.set(chosen.environmentId, turn).set(chosen.id, turn)
      return chosen
    },
    keep(candidates) {
      const known = new Set(candidates.flatMap(({ environmentId, id }) => [environmentId, id]))
      for (const id of served.keys()) if (!known.has(id)) served.delete(id)
    },
  }
}
