import { defineConfig } from 'tsup'

export default defineConfig({
  entry: ['src/index.ts'],
  format: 'esm',
  target: 'es2022',
  platform: 'neutral',
  // The key format is part of the bundle: integrators install one package.
  noExternal: ['@letterlock/keys'],
  dts: { resolve: ['@letterlock/keys'] },
  splitting: false,
  clean: true,
})
