import { spawn } from 'node:child_process'
import type { Command } from './run-as.ts'

/** Nothing of our environment: PGDATA, PGOPTIONS or a locale there would change what PostgreSQL does. */
export const cleanEnvironment = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', TZ: 'UTC' }

/** Runs a program to its end and returns what it said on both outputs. */
export function runToEnd(command: Command): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command.file, command.args, {
      ...command.as,
      cwd: '/', // ours may be closed to the user it runs as
      env: cleanEnvironment,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    const collect = (chunk: Buffer): void => {
      output += chunk.toString('utf8')
    }
    child.stdout.on('data', collect)
    child.stderr.on('data', collect)
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, output }))
  })
}
