import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { defineCommand } from '../command.ts'
import { UsageError } from '../usage-error.ts'
import { askGit } from './git/run-git.ts'

/** Known again by this line, so that a newer one can take its place. */
const mark = '# Installed by `letterlock scan install-hook`.'

/** Without the program nothing is committed: a check that is not there must not look like one that passed. */
const hook = `#!/bin/sh
${mark} git commit --no-verify goes past it.
if command -v letterlock >/dev/null 2>&1; then exec letterlock scan --staged; fi
if npx --no-install @letterlock/cli --version >/dev/null 2>&1; then exec npx --no-install @letterlock/cli scan --staged; fi
echo 'letterlock is not installed, so nobody looked for keys in this commit: npm i -D @letterlock/cli' >&2
exit 1
`

export const installHookCommand = defineCommand({
  name: 'scan install-hook',
  operands: '[folder]',
  summary: 'Makes git refuse a commit that has a key in it (pre-commit hook).',
  maxOperands: 1,
  options: { json: { type: 'boolean', summary: 'print the path as JSON' } },
  run: async ({ values, operands: [folder = '.'], terminal }) => {
    const answer = await askGit(folder, ['rev-parse', '--git-path', 'hooks/pre-commit'])
    const path = resolve(folder, answer.trimEnd())
    if (existsSync(path) && !readFileSync(path, 'utf8').includes(mark)) {
      throw new UsageError(`${path} is there already: add the line \`npx --no-install @letterlock/cli scan --staged || exit 1\` to it.`)
    }
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, hook)
    chmodSync(path, 0o755)
    terminal.out(values.json ? JSON.stringify({ path }) : `Installed ${path}`)
    return 0
  },
})
