import { foreignTokenLength, type NamedLimit, parseNamedLimit, type TakeTokens } from '@letterlock/verifier'
import { z } from 'zod'
import { failure, type Failure, invalid, isFailure } from '../http/failure.ts'
import { issuesOf } from '../http/parse-request.ts'
import { parseJson, readText } from '../http/read-json.ts'
import { actOnFound, type LeakDeps } from './act-on-found.ts'

export interface ReportDeps extends LeakDeps {
  /** Where the reports of an address are counted. */
  readonly takeTokens: TakeTokens
  /** Cuts keys out of the address where one was found. */
  readonly redact: (text: string) => string
}

const input = z.strictObject({
  key: z.string().min(1).max(foreignTokenLength.max),
  /** Where it was found. */
  url: z.url({ protocol: /^https?$/ }).max(2_000).optional(),
})

/** Enough for a person with a list, too slow for who tries keys out. */
const rate = '10/1m'

/** Takes the report of anyone who holds a key; null when it was taken, the same for a real key, one that ended, and nonsense. */
export async function takeReport(deps: ReportDeps, request: Request, ip: string): Promise<Failure | null> {
  const taken = await deps.takeTokens({ limits: limitsOf(ip), cost: 1 })
  if (!taken.taken) return tooMany(taken.retryAfterMs)
  const body = await readText(request)
  if (isFailure(body)) return body
  const raw = parseJson(body.text, request.headers.get('content-type'))
  if (isFailure(raw)) return raw
  const report = input.safeParse(raw.json)
  if (!report.success) return invalid(issuesOf(report.error))
  const { key, url = null } = report.data
  await actOnFound(deps, key.trim(), { source: 'report', kind: null, url: url && deps.redact(url), reporterIp: ip })
  return null
}

function limitsOf(ip: string): NamedLimit[] {
  const limit = parseNamedLimit(`leaks/${ip}`, { name: 'reports', limit: rate })
  if (!limit) throw new Error(`${rate} is no rate`)
  return [limit]
}

function tooMany(retryAfterMs: number): Failure {
  return failure('rate_limited', 'So many reports from one address are too many at once.', { retryAfterSeconds: Math.max(1, Math.ceil(retryAfterMs / 1_000)) })
}
