// What a browser is started with: leaves one line of JSON in the page.
import { checkVectors } from './check-vectors.mjs'

const output = globalThis.document?.createElement('pre')
if (output) {
  output.textContent = JSON.stringify({ vectors: checkVectors() })
  document.body.append(output)
}
