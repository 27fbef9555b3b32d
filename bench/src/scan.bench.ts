// Finding leaked keys in files and history beside reading them: the benchmark that the package itself ships with.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'

console.log(`load average before: ${loadavg().map((load) => load.toFixed(2)).join(' ')}`)
const program = fileURLToPath(new URL('../../packages/cli/bench/scan.ts', import.meta.url))
const [code] = (await once(spawn(process.execPath, [program], { stdio: 'inherit' }), 'exit')) as [number | null]
process.exitCode = code ?? 1
