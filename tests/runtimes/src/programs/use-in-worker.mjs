// What workerd is started with: its test command calls test() and fails when it throws.
import { serverIn } from './server.mjs'
import { use as useAdmin } from './use-admin.mjs'
import { use as useClient } from './use-client.mjs'
import { use as useContract } from './use-contract.mjs'

const worker = {
  /** @param {unknown} _ @param {Record<string, string>} environment */
  async test(_, environment) {
    const server = serverIn(environment)
    console.log(JSON.stringify({ used: { client: await useClient(server), admin: await useAdmin(server), contract: await useContract() } }))
  },
}

// A worker is its default export.
// oxlint-disable-next-line import/no-default-export
export default worker
