import { errorCodes, newId, type RequestId } from '@letterlock/contract'
import { bearerToken, refusalOf, type Verifier } from '@letterlock/verifier'
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { z } from 'zod'
import { claimedKeyId, toFailure } from '../http/authenticate.ts'
import { databaseFailure } from '../http/database-failure.ts'
import { internal } from '../http/error-room.ts'
import { failure, type Failure, invalid, isFailure } from '../http/failure.ts'
import { issuesOf } from '../http/parse-request.ts'
import { peerOf } from '../http/peer-of.ts'
import { problemResponse } from '../http/problem.ts'
import { parseJson, readText } from '../http/read-json.ts'
import type { RefuseExposed } from '../http/refuse-exposed.ts'
import type { Attempt, Use } from '../jobs/usage-recorder.ts'
import type { Log } from '../log.ts'
import type { UsedSecret } from '../management/note-root-key-use.ts'
import { answerChanges, type AnswerChangesDeps, changesQuery } from './answer-changes.ts'
import { answerRecords, type AnswerRecordsDeps, recordsInput } from './answer-records.ts'
import { verifyAnswer, verifyInput } from './verify-answer.ts'

export interface VerifierApiDeps extends AnswerRecordsDeps, AnswerChangesDeps {
  readonly verifier: Verifier
  /** Refuses a key in the URL, and flags it as exposed. */
  readonly refuseExposed: RefuseExposed
  /** Notes the use of a root key. */
  readonly noteUse: (secret: UsedSecret, at: Date, ip: string) => void
  /** Records what an API key was verified for. */
  readonly recordUse: (use: Use) => void
  /** Records a request that proved no root key. */
  readonly recordAttempt: (attempt: Attempt) => void
  readonly clientIp: (peer: string, forwardedFor: string | null) => string
  /** Cuts keys out of what a refusal repeats of the request. */
  readonly redact: (text: string) => string
  readonly clock: () => Date
  readonly log: Log
}

/**
 * What other processes verify by: `GET /verifier/changes`, `POST /verifier/records`, `POST /verifier/verify`.
 * All need a root key with `verifier:read`, whose rate limits do not count here: those of the verified key do.
 */
export function verifierApi(deps: VerifierApiDeps): Hono {
  const app = new Hono()
  app.use('/verifier/*', bodyLimit({ maxSize: 65_536, onError: () => problemResponse(tooLarge, newId('request')) }))
  app.get('/verifier/changes', (c) => serve(deps, c, async (passing) => {
    const startedMs = deps.monotonic()
    const query = parse(changesQuery, queryOf(c))
    if (isFailure(query)) return query
    return answerChanges(deps, query.data, { startedMs, signal: c.req.raw.signal, admit: () => admit(deps, c, passing) })
  }))
  app.post('/verifier/records', (c) => serve(deps, c, async () => {
    const input = await readBody(c, recordsInput)
    return isFailure(input) ? input : answerRecords(deps, input.data)
  }))
  app.post('/verifier/verify', (c) => serve(deps, c, async (passing) => {
    const input = await readBody(c, verifyInput)
    if (isFailure(input)) return input
    return verifyAnswer({ ...deps, verify: deps.verifier.verify }, input.data, { operationId: 'verifier.verify', ...passing })
  }))
  for (const [path, method] of methods) app.all(path, () => problemResponse(wrongMethod(method), newId('request'), { headers: { allow: method } }))
  return app
}

/** One request on its way through the rooms. */
interface Passing {
  readonly requestId: RequestId
  readonly ip: string
}

/** The rooms of every route: key in the URL, root key, then the route itself. */
async function serve(deps: VerifierApiDeps, c: Context, answer: (passing: Passing) => Promise<object>): Promise<Response> {
  const requestId = newId('request')
  const passing = { requestId, ip: deps.clientIp(peerOf(c), c.req.header('x-forwarded-for') ?? null) }
  try {
    const refused = deps.refuseExposed(c.req.url) ?? (await admit(deps, c, passing))
    const result = refused ?? (await answer(passing))
    if (isFailure(result)) return problemResponse(result, requestId, { redact: deps.redact })
    return json(result, requestId)
  } catch (error) {
    deps.log.error({ err: error, requestId, path: c.req.path }, 'a request failed')
    return problemResponse(databaseFailure(error) ?? internal, requestId)
  }
}

async function admit({ verifier, noteUse, keyFormat, recordAttempt, clock }: VerifierApiDeps, c: Context, passing: Passing): Promise<Failure | null> {
  const key = bearerToken(c.req.header('authorization'))
  if (key === null) return refuseStranger(failure('missing_key', 'Send a root key: Authorization: Bearer <key>.'))
  const { ip } = passing
  const outcome = await verifier.verify({ key, modes: ['root'], scope: 'verifier:read', ip, cost: 0 })
  const refusal = refusalOf(outcome, clock())
  if (refusal) return 'record' in outcome ? toFailure(refusal) : refuseStranger(toFailure(refusal))
  if (outcome.code === 'ok') noteUse({ keyId: outcome.record.keyId, secretVersion: outcome.secretVersion }, clock(), ip)
  return null

  function refuseStranger(refusal: Failure): Failure {
    const { failure: outcome } = refusal
    recordAttempt({
      ...passing, outcome,
      claimedKeyId: claimedKeyId(keyFormat, key),
      operationId: c.req.path,
      status: errorCodes[outcome].status,
      now: clock(),
      userAgent: c.req.header('user-agent') ?? null,
    })
    return refusal
  }
}

function parse<Schema extends z.ZodType>(schema: Schema, raw: unknown): { data: z.output<Schema> } | Failure {
  const parsed = schema.safeParse(raw)
  return parsed.success ? { data: parsed.data } : invalid(issuesOf(parsed.error))
}

async function readBody<Schema extends z.ZodType>(c: Context, schema: Schema): Promise<{ data: z.output<Schema> } | Failure> {
  const body = await readText(c.req.raw)
  if (isFailure(body)) return body
  const raw = parseJson(body.text, c.req.header('content-type') ?? null)
  return isFailure(raw) ? raw : parse(schema, raw.json)
}

/** A parameter that is given twice is a list, which no schema here takes. */
function queryOf(c: Context): Record<string, unknown> {
  return Object.fromEntries(Object.entries(c.req.queries()).map(([name, values]) => [name, values.length === 1 ? values[0] : values]))
}

function json(body: object, requestId: RequestId): Response {
  return new Response(JSON.stringify(body), {
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', 'x-request-id': requestId },
  })
}

function wrongMethod(method: string): Failure {
  return failure('method_not_allowed', `This path answers ${method}.`)
}

const methods = [['/verifier/changes', 'GET'], ['/verifier/records', 'POST'], ['/verifier/verify', 'POST']] as const
const tooLarge = failure('payload_too_large', 'The body is larger than 64 KiB.')
