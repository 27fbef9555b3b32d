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

/** Answers `GET /<name>` with the one version there is, by the manifest inside of its tarball, and `GET /<name>/-` with that. */
export async function startRegistry(tarballs: readonly string[]): Promise<Registry> {
  const offers = new Map((await Promise.all(tarballs.map(readOffer))).map((offer) => [offer.manifest.name, offer]))
  const server = createServer((request, response) => {
    const [, name = '', file] = /^\/(.+?)(\/-)?$/.exec(decodeURIComponent(request.url ?? '')) ?? []
    const offer = offers.get(name)
    if (!offer) response.writeHead(404).end('{}')
    else if (file) response.end(offer.tarball)
    else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(packument(offer, `http://${request.headers.host}`)))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, close: () => void server.close() }
}

async function readOffer(path: string): Promise<Offer> {
  const { stdout } = await promisify(execFile)('tar', ['-xzOf', path, 'package/package.json'])
  return { manifest: JSON.parse(stdout) as Offer['manifest'], tarball: await readFile(path) }
}

function packument({ manifest, tarball }: Offer, url: string) {
  const { name, version } = manifest
  const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`
  return { name, 'dist-tags': { latest: version }, versions: { [version]: { ...manifest, dist: { tarball: `${url}/${name}/-`, integrity } } } }
}
