/** What a check of the doctor has to say. */
export type Remark = {
  /** `wrong`: calls fail for it. `warning`: they will, or may. */
  readonly verdict: 'good' | 'warning' | 'wrong'
  readonly check: string
  /** What is so, and what to do about it; never with a key in it. */
  readonly text: string
}

export type Say = (text: string) => Remark

/** Three ways to speak about one thing. */
export function remarksOn(check: string): Readonly<Record<Remark['verdict'], Say>> {
  return {
    good: (text) => ({ verdict: 'good', check, text }),
    warning: (text) => ({ verdict: 'warning', check, text }),
    wrong: (text) => ({ verdict: 'wrong', check, text }),
  }
}
