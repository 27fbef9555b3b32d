/** Exponential back-off with full jitter: anywhere between 0 and `base · 2^(failures − 1)`, at most `cap`. */
export function backoffMs(failures: number, options: { baseMs: number; capMs: number; random: () => number }): number {
  const ceiling = Math.min(options.capMs, options.baseMs * 2 ** Math.min(failures - 1, 30))
  return Math.round(options.random() * ceiling)
}
