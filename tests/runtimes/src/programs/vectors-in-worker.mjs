// What workerd is started with: its test command calls test() and fails when it throws.
import { checkVectors } from './check-vectors.mjs'

const worker = {
  test() {
    console.log(JSON.stringify({ vectors: checkVectors() }))
  },
}

// A worker is its default export.
// oxlint-disable-next-line import/no-default-export
export default worker
