import { readFileSync } from 'node:fs'
import { defineConfig } from 'tsup'

const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8')) as { version: string }

export default defineConfig({
  entry: { main: 'src/main.ts' },
  format: 'esm',
  target: 'es2023',
  platform: 'node',
  define: { LETTERLOCK_CLI_VERSION: JSON.stringify(version) },
  // All in one file: nothing else is installed, and it starts fast.
  noExternal: [/^@letterlock\//],
  removeNodeProtocol: false,
  splitting: false,
  clean: true,
})
