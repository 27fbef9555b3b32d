/** How much was done in how long. */
export interface Run {
  readonly count: number
  readonly seconds: number
}
