#!/usr/bin/env node
import { ClusterError } from '@letterlock/db/cluster'
import { MigrationError } from '@letterlock/db'
import { PepperError } from '@letterlock/keys/digest'
import { ConfigError, readConfig } from './config.ts'
import { DataDirError } from './data-dir.ts'
import { ListenError } from './http/listen.ts'
import { installationKeys } from './installation-keys.ts'
import { createLog } from './log.ts'
import { DatabaseError } from './open-database.ts'
import { type RunningServer, startServer } from './start-server.ts'

/** Faults of the surroundings: one clear line each, no stack. */
const expected = [ConfigError, DataDirError, ListenError, DatabaseError, ClusterError, MigrationError, PepperError]

// whoever read our output may go away; an unheard EPIPE would end the process, and its last words would cause the next
let isHeard = true
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => (isHeard = false))
const write = (text: string) => void (isHeard && process.stdout.write(text))
let running: RunningServer | null = null
let stopping = false

process.on('SIGTERM', () => void shutDown('SIGTERM'))
process.on('SIGINT', () => void shutDown('SIGINT'))

try {
  const config = readConfig(process.env, process.cwd())
  const { keyFormat, learnPrefixes } = installationKeys({ prefix: config.keyPrefix })
  const log = createLog(config.logLevel, { write, redact: keyFormat.redactKeys })
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'uncaught')
    process.exitCode = 1
    if (running) void shutDown('uncaughtException')
    else process.exit()
  })
  running = await startServer(config, { log, keyFormat, learnPrefixes, clock: () => new Date(), write })
  if (stopping) await stopRunning(running, 'asked during the start')
} catch (error) {
  const known = expected.some((type) => error instanceof type)
  process.stderr.write(known ? `${describe(error)}\n` : `${error instanceof Error ? error.stack : String(error)}\n`)
  process.exit(1)
}

async function shutDown(reason: string): Promise<void> {
  if (stopping) return process.exit(1) // asked twice: at once
  stopping = true
  if (running) await stopRunning(running, reason)
}

async function stopRunning(server: RunningServer, reason: string): Promise<void> {
  write(`\nLetterlock is stopping (${reason}) …\n`)
  try {
    await server.stop()
  } catch (error) {
    process.stderr.write(`The stop was not clean: ${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
  }
  process.exit()
}

function describe(error: unknown): string {
  const { message, details } = error as Error & { details?: string }
  return details ? `${message}\n${details}` : message
}
