import type {} from 'vitest'

declare module 'vitest' {
  interface ProvidedContext {
    /** Set by the global setup: a server, and the database in it that has all migrations. */
    letterlockPostgres: { readonly url: string; readonly template: string }
    /** Read by the global setup: the PostgreSQL to run; absent, the one that npm brought. */
    letterlockPostgresBinDir?: string
  }
}
