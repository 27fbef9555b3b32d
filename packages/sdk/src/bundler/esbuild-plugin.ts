/** For esbuild, and for what is built upon it, such as tsup. */
import { readFile, rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type CheckOutput, type KeyGuardOptions, outputChecker } from './find-keys-in-output.ts'

interface OutputFile {
  readonly path: string
  readonly contents: Uint8Array
}

interface BuildResult {
  outputFiles?: OutputFile[] | undefined
  readonly metafile?: { readonly outputs: Readonly<Record<string, unknown>> } | undefined
}

/** The part of esbuild's `PluginBuild` that is used. */
interface Build {
  readonly initialOptions: { metafile?: boolean; absWorkingDir?: string }
  onEnd(callback: (result: BuildResult) => Promise<{ errors: { text: string }[] }>): void
}

/** A plugin of esbuild. */
export interface KeyGuardForEsbuild {
  readonly name: string
  readonly setup: (build: Build) => void
}

/**
 * Fails the build when an output, source maps included, contains an API key, and removes what was written with it.
 * @example
 * await build({ entryPoints: ['src/app.ts'], bundle: true, outdir: 'dist', plugins: [keyGuardForEsbuild()] })
 */
export function keyGuardForEsbuild(options: KeyGuardOptions = {}): KeyGuardForEsbuild {
  const check = outputChecker(options)
  return {
    name: 'letterlock-key-guard',
    setup(build) {
      build.initialOptions.metafile = true // it names what was written
      build.onEnd(async (result) => {
        const problems = result.outputFiles ? checkHeld(result, check) : await checkWritten(result, build.initialOptions.absWorkingDir ?? '', check)
        return { errors: problems.map((text) => ({ text })) }
      })
    },
  }
}

/** Outputs that esbuild holds in memory; those with a key are taken away. */
function checkHeld(result: BuildResult, check: CheckOutput): string[] {
  const problems = new Map((result.outputFiles ?? []).map((file) => [file, check(file.path, file.contents)]))
  result.outputFiles = (result.outputFiles ?? []).filter((file) => problems.get(file) === null)
  return [...problems.values()].filter((problem) => problem !== null)
}

async function checkWritten({ metafile }: BuildResult, folder: string, check: CheckOutput): Promise<string[]> {
  const problems: string[] = []
  for (const file of Object.keys(metafile?.outputs ?? {})) {
    const path = resolve(folder, file)
    const problem = check(file, await readFile(path))
    if (problem === null) continue
    await rm(path)
    problems.push(problem)
  }
  return problems
}
