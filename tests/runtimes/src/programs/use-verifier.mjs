// The verifier on a server elsewhere: a good key, one that it never issued, and the door of a framework.
import { letterlockKeys } from '@letterlock/keys'
import { requireKey as expressDoor } from '@letterlock/verifier/express'
import { requireKey as fastifyDoor } from '@letterlock/verifier/fastify'
import { requireKey as honoDoor } from '@letterlock/verifier/hono'
import { connectVerifier } from '@letterlock/verifier/remote'

/** @param {import('./server.mjs').Server} server */
export async function use({ managementUrl, rootKey, apiKey }) {
  const clock = () => new Date()
  const verifier = connectVerifier({ url: managementUrl, rootKey, clock })
  await verifier.start()
  const request = { modes: /** @type {const} */ (['live']), scope: 'contacts:read', ip: '127.0.0.1' }
  const codes = []
  for (const key of [apiKey, letterlockKeys.issue({ mode: 'live' }).token]) codes.push((await verifier.verify({ ...request, key })).code)
  await verifier.stop()
  return { codes, doors: [expressDoor, fastifyDoor, honoDoor].map((door) => typeof door) }
}
