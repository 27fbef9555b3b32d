import { defineConfig } from 'tsup'

export default defineConfig({
  entry: { index: 'src/index.ts', openapi: 'src/openapi.ts' },
  format: 'esm',
  target: 'es2024',
  platform: 'neutral',
  dts: true,
  clean: true,
})
