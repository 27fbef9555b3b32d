import { readFileSync } from 'node:fs'
import { defineConfig } from 'tsup'

const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8')) as { version: string }

export default defineConfig({
  entry: ['src/index.ts', 'src/otel.ts'],
  format: 'esm',
  target: 'es2022',
  platform: 'neutral',
  define: { LETTERLOCK_SDK_VERSION: JSON.stringify(version) },
  // The key format is part of the bundle: integrators install one package.
  noExternal: ['@letterlock/keys'],
  dts: { resolve: ['@letterlock/keys'] },
  splitting: false,
  clean: true,
})
