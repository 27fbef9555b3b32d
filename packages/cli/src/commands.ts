import type { Command } from './command.ts'
import { installHookCommand } from './scan/install-hook-command.ts'
import { doctorCommand } from './doctor/doctor-command.ts'
import { inspectCommand } from './key/inspect-command.ts'
import { rulesCommand } from './scan/rules/rules-command.ts'
import { scanCommand } from './scan/scan-command.ts'

/** Every command, in the order of the help. */
export const commands: readonly Command[] = [scanCommand, installHookCommand, rulesCommand, inspectCommand, doctorCommand]
