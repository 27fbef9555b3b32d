/** Issues many keys and looks for repetitions and uneven characters: node scripts/issue-many.ts --count 10000000 */
import { parseArgs } from 'node:util'
import { letterlockKeys } from '../src/index.ts'
import { measureKeys, zLimit } from './key-statistics.ts'
import { createPooledRandomBytes } from './pooled-random-bytes.ts'

const { values } = parseArgs({ options: { count: { type: 'string', default: '10000000' } } })
const count = Number(values.count)
if (!(Number.isSafeInteger(count) && count >= 10_000)) throw new RangeError('--count must be a number from 10000 on')

const randomBytes = createPooledRandomBytes()
const start = performance.now()
const result = measureKeys(count, () => letterlockKeys.issue({ mode: 'live', randomBytes }).token)
const seconds = (performance.now() - start) / 1000

const zScores = result.positions.map(({ zScore }) => zScore)
console.log(`${count} keys in ${seconds.toFixed(1)} s`)
console.log(`repeated secrets ${result.repeatedSecrets}, repeated key ids ${result.repeatedKeyIds}`)
console.log(
  `χ² of ${zScores.length} positions: z from ${Math.min(...zScores).toFixed(2)} to ${Math.max(...zScores).toFixed(2)}, allowed ±${zLimit}`,
)
console.log(result.ok ? 'ok' : 'NOT OK')
process.exitCode = result.ok ? 0 : 1
