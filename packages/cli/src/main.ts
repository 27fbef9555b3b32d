#!/usr/bin/env node
import { clock, environment } from './config.ts'
import { runCli } from './run-cli.ts'
import { processTerminal } from './terminal/process-terminal.ts'

// Whoever reads our output may have seen enough of it.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 2))

process.exitCode = await runCli(process.argv.slice(2), { terminal: processTerminal(), environment: environment(), clock })
