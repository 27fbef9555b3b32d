// What a browser is started with: the clients refuse to be there, the rest works. Leaves one line of JSON in the page.
import { createAdmin } from '@letterlock/admin'
import { Letterlock, LetterlockError } from 'letterlock'
import { use as useContract } from './use-contract.mjs'

const output = globalThis.document?.createElement('pre')
if (output) {
  const refused = [() => new Letterlock(), () => createAdmin()].map(codeOf)
  output.textContent = JSON.stringify({ used: { refused, isLetterlockError: typeof LetterlockError, contract: await useContract() } })
  document.body.append(output)
}

/** @param {() => unknown} make */
function codeOf(make) {
  try {
    return typeof make()
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : String(error)
  }
}
