import { defineConfig } from 'tsup'

export default defineConfig({
  entry: { index: 'src/index.ts', digest: 'src/digest.ts', read: 'src/read-keys.ts' },
  format: 'esm',
  target: 'es2022',
  platform: 'neutral',
  external: ['node:crypto'],
  splitting: false,
  removeNodeProtocol: false,
  dts: true,
  clean: true,
})
