export { keyGuardForEsbuild, type KeyGuardForEsbuild } from './esbuild-plugin.ts'
export type { KeyGuardOptions } from './find-keys-in-output.ts'
export { keyGuard, type KeyGuard } from './rollup-plugin.ts'
