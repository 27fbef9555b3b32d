/** A registry on this machine that offers some tarballs and nothing else: what a package does not name is not found there. */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { promisify } from 'node:util'

export interface Registry {
  readonly url: string
  readonly close: () => void
}

interface Offer {
  readonly manifest: { readonly name: string; readonly version: string }
  readonly tarball: Buffer
}

/** Answers `GET /<name>` with the versions there are, by the manifests inside of their tarballs, and `GET /<name>/-/<version>` with one. */
export async function startRegistry(tarballs: readonly string[]): Promise<Registry> {
  const offers = await Promise.all(tarballs.map(readOffer))
  const server = createServer((request, response) => {
    const [, name, version] = /^\/(.+?)(?:\/-\/(.+))?$/.exec(decodeURIComponent(request.url ?? '')) ?? []
    const found = offers.filter(({ manifest }) => manifest.name === name && (version ?? manifest.version) === manifest.version)
    const [first] = found
    if (!first) response.writeHead(404).end('{}')
    else if (version) response.end(first.tarball)
    else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(packument(found, `http://${request.headers.host}`)))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, close: () => void server.close() }
}

async function readOffer(path: string): Promise<Offer> {
  const { stdout } = await promisify(execFile)('tar', ['-xzOf', path, 'package/package.json'])
  return { manifest: JSON.parse(stdout) as Offer['manifest'], tarball: await readFile(path) }
}

function packument(offers: readonly Offer[], url: string) {
  const versions = offers.map(({ manifest, tarball }) => {
    const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`
    const dist = { tarball: `${url}/${manifest.name}/-/${manifest.version}`, integrity }
    return [manifest.version, { ...manifest, dist }] as const
  })
  return { name: offers[0]?.manifest.name, 'dist-tags': { latest: versions.at(-1)?.[0] }, versions: Object.fromEntries(versions) }
}
