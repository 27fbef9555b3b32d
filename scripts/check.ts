// `npm run check`: everything that can be known without running the product. All steps run, even after a failure.
import { dirname, join } from 'node:path'
import { runInForeground } from './child-process.mjs'
import { checkBoundaries, runTask } from './turbo.ts'

const root = dirname(import.meta.dirname)

// Every step is named after what holds when it passes.
const steps: Record<string, () => Promise<boolean>> = {
  'types compile': () => runTask(root, 'typecheck', []),
  'scripts compile': () => passes('tsc', '-p', 'scripts'),
  'packages import only lower floors': () => checkBoundaries(root),
}

const failed: string[] = []
for (const [name, step] of Object.entries(steps)) {
  console.log(`\n── ${name}`)
  if (!(await step())) failed.push(name)
}
console.log('')
for (const name of Object.keys(steps)) console.log(`${failed.includes(name) ? 'FAILED' : 'ok    '}  ${name}`)
process.exitCode = failed.length > 0 ? 1 : 0

async function passes(program: string, ...args: string[]) {
  const { code } = await runInForeground(join(root, 'node_modules/.bin', program), args, { cwd: root })
  return code === 0
}
