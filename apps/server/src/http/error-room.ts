import { newId } from '@letterlock/contract'
import type { Hono } from 'hono'
import type { Log } from '../log.ts'
import { databaseFailure } from './database-failure.ts'
import { failure, notFound } from './failure.ts'
import { problemResponse } from './problem.ts'

/** The last room of a listener: what no route took, and what a route threw, as problems. */
export function errorRoom(app: Hono, deps: { log: Log }): Hono {
  app.notFound(() => problemResponse({ ...notFound, detail: 'There is no such path.' }, newId('request')))
  app.onError((error) => {
    const requestId = newId('request')
    deps.log.error({ err: error, requestId }, 'a request failed')
    return problemResponse(databaseFailure(error) ?? internal, requestId)
  })
  return app
}

/** What a caller hears of a fault of ours. */
export const internal = failure('internal', 'Something broke on our side. Tell us the request id.')
