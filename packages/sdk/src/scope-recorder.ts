/** Learns which scopes a program really uses, so that its key need have no more. */
import type { Middleware } from './middleware.ts'

/** Watches one client or several. */
export interface ScopeRecorder {
  /** Give it to `new Letterlock({ middleware: [recorder.middleware] })`. */
  readonly middleware: Middleware
  /** The smallest set that the calls so far need, sorted. */
  scopes(): readonly string[]
  /** The set with what was counted, for people. */
  report(): string
}

/**
 * Counts calls by the scope they need, refused ones too.
 * @example
 * const recorder = scopeRecorder()
 * const letterlock = new Letterlock({ middleware: [recorder.middleware] })
 * process.on('exit', () => console.log(recorder.report()))
 */
export function scopeRecorder(): ScopeRecorder {
  const calls = new Map<string, number>()
  let unknown = 0
  const scopes = () => [...calls.keys()].sort()
  return {
    middleware: (request, next, { scope, attempt }) => {
      if (attempt === 1 && scope === undefined) unknown += 1
      else if (attempt === 1 && scope !== null && scope !== undefined) calls.set(scope, (calls.get(scope) ?? 0) + 1)
      return next(request)
    },
    scopes,
    report: () => [
      `Smallest set of scopes: ${JSON.stringify(scopes())}`,
      ...scopes().map((scope) => `  ${scope}  ${counted(calls.get(scope) ?? 0)}`),
      ...(unknown > 0 ? [`  and ${counted(unknown)} by request(), whose scope is not known here`] : []),
    ].join('\n'),
  }
}

function counted(calls: number): string {
  return calls === 1 ? '1 call' : `${calls} calls`
}
