import { defineConfig } from 'tsup'
import { thirdPartyNotices } from './third-party-notices.ts'

export default defineConfig({
  entry: { index: 'src/index.ts' },
  format: 'esm',
  target: 'es2023',
  platform: 'node',
  // Rooms of the server that are no packages of their own, and what they need; nothing of them needs a database.
  noExternal: ['@letterlock/db', '@letterlock/mail', '@letterlock/server'],
  esbuildPlugins: [thirdPartyNotices('dist/THIRD-PARTY-NOTICES.txt')],
  removeNodeProtocol: false,
  dts: true,
  splitting: false,
  clean: true,
})
