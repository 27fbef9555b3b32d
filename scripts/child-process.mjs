// Runs a program in our place: its output is our output, our signals are its signals.
import { spawn } from 'node:child_process'

const forwarded = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])

/**
 * Starts the program with our stdio, passes signals on, and waits for its end.
 * A terminal delivers Ctrl-C to the whole process group, so SIGINT is passed on only where no terminal did.
 * @param {string} program
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 * @returns {Promise<{ code: number | null, signal: NodeJS.Signals | null }>}
 */
export function runInForeground(program, args, options = {}) {
  const child = spawn(program, args, { stdio: 'inherit', ...options })
  const forward = (/** @type {NodeJS.Signals} */ signal) => {
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
  }
  for (const signal of forwarded) process.on(signal, forward)
  const watch = onParentLost(() => child.kill('SIGTERM'))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve({ code, signal }))
  }).finally(() => {
    clearInterval(watch)
    for (const signal of forwarded) process.off(signal, forward)
  })
}

/**
 * Runs the program to its end and returns what it printed: both streams together, and stdout alone.
 * @param {string} program
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 * @returns {Promise<{ code: number | null, signal: NodeJS.Signals | null, output: string, stdout: string }>}
 */
export async function runQuietly(program, args, options = {}) {
  const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  let stdout = ''
  child.stdout?.on('data', (text) => {
    stdout += text
  })
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text) => {
      output += text
    })
  }
  const kill = (/** @type {NodeJS.Signals} */ signal) => child.kill(signal)
  for (const signal of forwarded) process.on(signal, kill)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve({ code, signal, output, stdout }))
  }).finally(() => {
    for (const signal of forwarded) process.off(signal, kill)
  })
}

/**
 * Ends this process the way the child ended: same exit code, or the same signal.
 * @param {{ code: number | null, signal: NodeJS.Signals | null }} ended
 */
export function endLike({ code, signal }) {
  if (signal) process.kill(process.pid, signal)
  else process.exit(code ?? 1)
}

/**
 * npm started us and is gone (killed, or tired of waiting): nobody is left who could stop what we run.
 * @param {() => void} stop
 */
function onParentLost(stop) {
  const parent = process.ppid
  const watch = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(watch)
    stop()
  }, 500)
  watch.unref()
  if (!process.env.npm_lifecycle_event) clearInterval(watch)
  return watch
}
