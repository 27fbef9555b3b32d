import { inBrowser, isBrowser } from './browser-guard.ts'
import type { CallOptions } from './call-options.ts'
import { callProcedure, type CallerSettings, type Procedure } from './call-procedure.ts'
import { environmentVariable } from './environment.ts'
import type { Fetch } from './exchange.ts'
import { trpcUrl } from './management-url.ts'
import { pages } from './pages.ts'
import { procedures } from './procedure-table.generated.ts'
import type { Procedures } from './procedure-types.generated.ts'
import { checkedRootKey } from './root-key.ts'

/** Settings of a client. */
export interface AdminOptions {
  /** Where the management API is. Absent: `LETTERLOCK_MANAGEMENT_URL`, or else `http://127.0.0.1:4001`. */
  readonly url?: string | undefined
  /** Absent: `LETTERLOCK_ROOT_KEY`. */
  readonly rootKey?: string | undefined
  /** Another `fetch`, for a proxy or a test. */
  readonly fetch?: Fetch | undefined
  /** Milliseconds that one attempt may take, body included; default 30000. */
  readonly timeoutMs?: number | undefined
  /** Stops every call of this client. */
  readonly signal?: AbortSignal | undefined
}

/** The management API: `admin.<router>.<procedure>(input)`. */
export interface Admin extends Procedures {
  /**
   * All items of a list, page by page, as far as they are asked for.
   * @example
   * for await (const key of admin.pages(admin.keys.list, { workspaceId })) console.log(key.name)
   */
  readonly pages: typeof pages
}

/**
 * The client of the management API. It does not show its root key when printed, serialised or thrown.
 * @throws AdminError `in_browser`, `missing_root_key`, `malformed_root_key` or `invalid_url`
 */
export function createAdmin({ url, rootKey, fetch, timeoutMs = 30_000, signal }: AdminOptions = {}): Admin {
  if (isBrowser(globalThis)) throw inBrowser()
  const settings = {
    url: trpcUrl(url ?? environmentVariable('LETTERLOCK_MANAGEMENT_URL')),
    rootKey: checkedRootKey(rootKey ?? environmentVariable('LETTERLOCK_ROOT_KEY')),
    fetch: fetch ?? ((to, init) => globalThis.fetch(to, init)),
    timeoutMs,
    signal,
  } satisfies CallerSettings
  const routers = Object.entries(procedures).map(([router, methods]) => {
    const calls = Object.entries(methods).map(([method, type]) => [method, callOf(settings, { name: `${router}.${method}`, type })])
    return [router, Object.freeze(Object.fromEntries(calls))]
  })
  return Object.freeze({ ...Object.fromEntries(routers), pages }) as Admin // the table and the interface are generated together
}

/** The settings, and with them the root key, are reachable through the answered function only by calling it. */
function callOf(settings: CallerSettings, procedure: Procedure) {
  return (input?: unknown, options?: CallOptions) => callProcedure(settings, procedure, { input, options })
}
