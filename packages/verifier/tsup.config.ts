import { defineConfig } from 'tsup'

export default defineConfig({
  entry: { index: 'src/index.ts' },
  format: 'esm',
  target: 'es2023',
  platform: 'node',
  splitting: false,
  removeNodeProtocol: false,
  dts: true,
  clean: true,
})
