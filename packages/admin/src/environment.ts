/**
 * A variable of the environment. Absent, and not an error, where the runtime has no environment (browsers), or
 * does not let us read it (Deno without `--allow-env`).
 */
export function environmentVariable(name: string): string | undefined {
  try {
    const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } }
    return process?.env?.[name] || undefined
  } catch {
    return undefined
  }
}
