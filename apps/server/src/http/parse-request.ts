import type { Issue, Operation } from '@letterlock/contract'
import type { z } from 'zod'
import { type Failure, invalid, notFound } from './failure.ts'

export interface ParsedRequest {
  readonly params: unknown
  readonly query: unknown
  readonly body: unknown
}

/** Holds a request against the schemas of its operation; every offence is named by its path. */
export function parseRequest(
  row: Operation,
  raw: { params: Record<string, string>; search: string; json: unknown },
): ParsedRequest | Failure {
  const params = row.params?.safeParse(raw.params)
  if (params && !params.success) return refusedParams(raw.params, params.error)
  const query = readQuery(raw.search, row)
  if ('failure' in query) return query
  if (!row.body && raw.json !== undefined) return invalid([{ path: '', message: 'this operation takes no body' }])
  const body = row.body?.safeParse(raw.json)
  if (body && !body.success) return invalid(issuesOf(body.error))
  return { params: params?.data, query: query.query, body: body?.data }
}

/** zod's issues as paths and messages; unknown fields are named one by one. */
export function issuesOf(error: z.core.$ZodError): Issue[] {
  return error.issues.flatMap((issue) => flatten(issue, [])).slice(0, 50)
}

function flatten(issue: z.core.$ZodIssue, prefix: readonly PropertyKey[]): Issue[] {
  const path = [...prefix, ...issue.path]
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: pathText([...path, key]), message: 'unknown field' }))
  }
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    return deepest(issue.errors).flatMap((inner) => flatten(inner, path))
  }
  return [{ path: pathText(path), message: issue.message }]
}

// of a union's branches, the one that got furthest is the one that was meant
function deepest(branches: z.core.$ZodIssue[][]): z.core.$ZodIssue[] {
  const depth = (branch: z.core.$ZodIssue[]) => Math.max(0, ...branch.map((issue) => issue.path.length))
  return branches.reduce((best, branch) => (depth(branch) > depth(best) ? branch : best))
}

function pathText(path: readonly PropertyKey[]) {
  return path.map((part) => String(part).slice(0, 100)).join('.').toWellFormed().replaceAll('\0', '\u{fffd}')
}

// an id that cannot exist is an id that never was; text that cannot be stored, or no address, is an offence
function refusedParams(params: Record<string, string>, error: z.ZodError): Failure {
  const storable = Object.values(params).every((value) => value.isWellFormed() && !value.includes('\0') && value.length <= 1_000)
  return storable && !('email' in params) ? notFound : invalid(issuesOf(error))
}

function readQuery(search: string, row: Operation): { query: unknown } | Failure {
  if (search.length <= 1) return { query: row.query?.parse({}) }
  const given: Record<string, string> = Object.create(null)
  const twice: Issue[] = []
  let count = 0
  for (const [name, value] of new URLSearchParams(search)) {
    if (++count > 100) return invalid([{ path: '', message: 'more than 100 query parameters' }])
    if (name in given) twice.push({ path: name, message: 'given twice' })
    given[name] = value
  }
  if (twice.length > 0) return invalid(twice)
  if (!row.query) return invalid(Object.keys(given).map((path) => ({ path, message: 'unknown query parameter' })))
  const parsed = row.query.safeParse({ ...given })
  return parsed.success ? { query: parsed.data } : invalid(issuesOf(parsed.error))
}
