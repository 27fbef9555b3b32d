/** For Vite, Rollup and Rolldown. */
import { type KeyGuardOptions, outputChecker } from './find-keys-in-output.ts'

/** The part of Rollup's output that is used. */
type Output = Readonly<Record<string, {
  readonly fileName: string
  readonly code?: string
  readonly source?: string | Uint8Array
}>>

/** A plugin of Rollup and of Vite. */
export interface KeyGuard {
  readonly name: string
  readonly enforce: 'post'
  readonly apply: 'build'
  readonly generateBundle: { readonly order: 'post'; readonly handler: (this: { error(text: string): never }, options: unknown, bundle: Output) => void }
}

/**
 * Fails the build before anything is written when a chunk, an asset or a source map contains an API key.
 * @example
 * export default defineConfig({ plugins: [keyGuard()] }) // vite.config.ts
 */
export function keyGuard(options: KeyGuardOptions = {}): KeyGuard {
  const check = outputChecker(options)
  return {
    name: 'letterlock-key-guard',
    enforce: 'post',
    apply: 'build',
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        const problems = Object.values(bundle).map(({ fileName, code, source }) => check(fileName, code ?? source ?? ''))
        const found = problems.filter((problem) => problem !== null)
        if (found.length > 0) this.error(found.join('\n'))
      },
    },
  }
}
