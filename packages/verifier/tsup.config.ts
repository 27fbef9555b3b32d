import { defineConfig } from 'tsup'

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    hono: 'src/doors/hono.ts',
    express: 'src/doors/express.ts',
    fastify: 'src/doors/fastify.ts',
    remote: 'src/remote/connect-verifier.ts',
  },
  format: 'esm',
  target: 'es2023',
  platform: 'node',
  splitting: false,
  removeNodeProtocol: false,
  dts: true,
  clean: true,
})
