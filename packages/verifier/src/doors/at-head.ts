import type { ServerResponse } from 'node:http'
import type { AnswerHeaders } from '../http/answer-headers.ts'

type WriteHead = (status: number, ...rest: unknown[]) => ServerResponse

/**
 * Puts headers into the head of an answer, whoever writes it, and tells its status then. Fields that the writer names
 * himself are his. Cheaper than `setHeader()` for each, after which Node stores the others one by one too: 1 µs, not 4.
 */
export function atHead(outgoing: ServerResponse, headers: AnswerHeaders, written: (status: number) => void): void {
  const before = outgoing.writeHead as WriteHead
  const writeHead: WriteHead = (status, ...rest) => {
    outgoing.writeHead = before as ServerResponse['writeHead']
    written(status)
    const [fields] = rest
    if (rest.length < 2 && isPlain(fields)) return before.call(outgoing, status, { ...headers, ...fields })
    for (const name in headers) outgoing.setHeader(name, headers[name] as string) // its own key
    return before.call(outgoing, status, ...rest)
  }
  outgoing.writeHead = writeHead as ServerResponse['writeHead']
}

function isPlain(fields: unknown): fields is object | undefined {
  return fields === undefined || (typeof fields === 'object' && !Array.isArray(fields))
}
