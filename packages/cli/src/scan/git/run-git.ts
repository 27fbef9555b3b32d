import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { gitEnvironment } from '../../config.ts'

/** A git that runs: its output in blocks, and a promise that is rejected when it fails. */
export type RunningGit = {
  readonly output: AsyncIterable<Buffer>
  readonly input: NonNullable<ChildProcess['stdin']>
  readonly done: Promise<void>
}

/** git is absent, or it refused; the message has what it said. */
export class GitError extends Error {
  override readonly name = 'GitError'
}

/** Runs git in a folder. Nothing is fetched, no pager and no program of the repository's configuration runs. */
export function startGit(folder: string, args: readonly string[]): RunningGit {
  const safe = ['-c', 'core.fsmonitor=false', '-c', 'core.quotePath=false', '--no-pager', '--no-replace-objects']
  const child = spawn('git', ['-C', folder, ...safe, ...args], { stdio: ['pipe', 'pipe', 'pipe'], env: gitEnvironment() })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => void (said = (said + chunk.toString()).slice(-maxSaid)))
  child.stdin.on('error', () => undefined) // it ended before it read all: its exit code tells
  const done = once(child, 'close').then(
    ([code]) => {
      if (code !== 0) throw new GitError(`git ${args[0]}: ${said.trim() || `ended with ${String(code)}`}`)
    },
    (error: unknown) => {
      throw new GitError(`git cannot be run: ${error instanceof Error ? error.message : String(error)}`)
    },
  )
  done.catch(() => undefined) // also when nobody waits for it any more
  return { output: child.stdout, input: child.stdin, done }
}

/** All that a git answers. @throws GitError */
export async function askGit(folder: string, args: readonly string[], input = ''): Promise<string> {
  const git = startGit(folder, args)
  git.input.end(input)
  const answer: Buffer[] = []
  for await (const block of git.output) answer.push(block)
  await git.done
  return Buffer.concat(answer).toString('utf8')
}

const maxSaid = 2_000
