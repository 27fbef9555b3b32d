import { newId } from '@letterlock/contract'
import { Hono } from 'hono'
import { isFailure } from '../http/failure.ts'
import { peerOf } from '../http/peer-of.ts'
import { problemResponse } from '../http/problem.ts'
import { type AlertDeps, takeAlert } from './take-alert.ts'
import { type ReportDeps, takeReport } from './take-report.ts'

export interface LeaksAppDeps extends AlertDeps, ReportDeps {
  readonly clientIp: (peer: string, forwardedFor: string | null) => string
}

/** Where those tell us who have found keys: GitHub, and everyone else. */
export function leaksApp(deps: LeaksAppDeps): Hono {
  const app = new Hono()
  app.post('/leaks/github', async (c) => {
    const answer = await takeAlert(deps, c.req.raw)
    return isFailure(answer) ? problemResponse(answer, newId('request')) : Response.json(answer)
  })
  app.post('/leaks/report', async (c) => {
    const ip = deps.clientIp(peerOf(c), c.req.header('x-forwarded-for') ?? null)
    const refusal = await takeReport(deps, c.req.raw, ip)
    return refusal ? problemResponse(refusal, newId('request'), { redact: deps.redact }) : Response.json({ received: true }, { status: 202 })
  })
  app.all('/leaks/:door{github|report}', () => new Response(null, { status: 405, headers: { allow: 'POST' } }))
  return app
}
