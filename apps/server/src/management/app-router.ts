/** The door of typed clients: types alone, nothing of it runs. */
import type { createManagementRouter } from './router.ts'

/** The management API as tRPC clients see it. */
export type AppRouter = ReturnType<typeof createManagementRouter>
