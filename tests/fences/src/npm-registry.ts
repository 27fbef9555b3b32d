/** A registry as npm sees one: keeps what is published, and answers what it has. */
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'

export interface Upload {
  readonly name: string
  readonly versions: Readonly<Record<string, { readonly dependencies?: Readonly<Record<string, string>> }>>
}

export interface NpmRegistry {
  readonly url: string
  /** In the order of arrival. */
  readonly uploads: Upload[]
  /** While true every question is answered with 500. */
  isOut: boolean
}

export async function startNpmRegistry(): Promise<NpmRegistry> {
  const uploads: Upload[] = []
  const registry = { url: '', uploads, isOut: false }
  const server = createServer((request, response) => {
    const name = decodeURIComponent(request.url?.slice(1).split('?')[0] ?? '')
    if (registry.isOut) response.writeHead(500).end('{}')
    else if (request.method === 'PUT') void text(request).then(keep).then(() => response.writeHead(201).end('{}'))
    else answer(name, response)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  registry.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  return registry

  function keep(body: string) {
    uploads.push(JSON.parse(body) as Upload)
  }

  function answer(name: string, response: ServerResponse) {
    const found = uploads.filter((upload) => upload.name === name)
    const versions = Object.assign({}, ...found.map((upload) => upload.versions)) as Upload['versions']
    if (found.length === 0) response.writeHead(404).end('{"error":"not found"}')
    else response.end(JSON.stringify({ name, versions, 'dist-tags': { latest: Object.keys(versions).at(-1) } }))
  }
}
