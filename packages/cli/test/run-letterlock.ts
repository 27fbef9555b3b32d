/** The program as people start it, in a process of its own. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))

export type Ended = { readonly code: number; readonly stdout: string; readonly stderr: string }

/** Waits for its end. It sees no variables but those given, and the search path. */
export function letterlock(
  args: readonly string[],
  { cwd, env = {}, input = '' }: { readonly cwd?: string; readonly env?: Record<string, string>; readonly input?: string } = {},
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const options = { cwd, env: { PATH: process.env.PATH, ...env }, maxBuffer: 2 ** 28 }
    const child = execFile(process.execPath, [main, ...args], options, (error, stdout, stderr) => {
      if (error !== null && typeof error.code !== 'number') reject(error)
      else resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr })
    })
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(input)
  })
}
