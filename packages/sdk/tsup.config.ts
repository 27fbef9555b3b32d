import { readFileSync } from 'node:fs'
import { defineConfig } from 'tsup'

const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8')) as { version: string }

export default defineConfig({
  entry: {
    index: 'src/index.ts', browser: 'src/browser.ts', otel: 'src/otel.ts', bundler: 'src/bundler/index.ts',
    'scope-recorder': 'src/scope-recorder.ts', webhooks: 'src/webhooks/index.ts',
  },
  format: 'esm',
  target: 'es2022',
  platform: 'neutral',
  define: { LETTERLOCK_SDK_VERSION: JSON.stringify(version) },
  // The key format is part of the bundle: integrators install one package.
  noExternal: ['@letterlock/keys'],
  // Bundlers run in Node; test/bundle.test.ts shows that no other door names a module of it.
  external: [/^node:/],
  removeNodeProtocol: false,
  dts: { resolve: ['@letterlock/keys'] },
  splitting: false,
  clean: true,
})
