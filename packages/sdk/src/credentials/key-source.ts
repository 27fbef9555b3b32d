/** Where a client finds its key. */
import type { ApiKeySource } from '../api-key.ts'
import { LetterlockError } from '../errors.ts'
import { holdAnswer } from './held-answer.ts'
import { keyFile } from './key-file.ts'

/** One place for a key. */
export interface KeySource {
  /** How a message calls it. */
  readonly name: string
  /** The text found there, unchecked, or a promise of it; undefined when there is none. A held one that equals `refused` is asked for anew. */
  readonly read: (refused?: string) => unknown
}

/** What of the client's options is about its key. */
export interface KeyOptions {
  readonly keys?: readonly (ApiKeySource | undefined)[] | undefined
  readonly apiKey?: ApiKeySource | undefined
  readonly apiKeyFile?: string | undefined
  readonly apiKeyHeldMs?: number | undefined
}

/** What the sources need of the world. */
export interface SourceEffects {
  readonly now: () => number
  readonly environmentVariable: (name: string) => string | undefined
}

const defaultHeldMs = 60_000

/** The sources in the order in which they are used: the options, and without any the environment, read at each call. */
export function keySources(options: KeyOptions, effects: SourceEffects): readonly [KeySource, ...KeySource[]] {
  const held = { ms: options.apiKeyHeldMs ?? defaultHeldMs, now: effects.now }
  const given = (options.keys ?? []).flatMap((key, i) => (key ? [givenKey(key, `\`keys[${i}]\``, held)] : []))
  const [first, ...more] = given
  if (first) return [first, ...more]
  if (options.apiKey !== undefined) return [givenKey(options.apiKey, 'the option `apiKey`', held)]
  if (options.apiKeyFile !== undefined) return [{ name: options.apiKeyFile, read: keyFile(options.apiKeyFile) }]
  return [fromEnvironment(effects)]
}

function givenKey(key: ApiKeySource, name: string, hold: { readonly ms: number; readonly now: () => number }): KeySource {
  if (typeof key !== 'function') return { name, read: () => key }
  const held = holdAnswer(() => askFor(key), hold.ms, hold.now)
  return { name: `the function given as ${name.replace('the option ', '')}`, read: (refused) => held.get(refused) }
}

async function askFor(provider: () => string | Promise<string>): Promise<string> {
  try {
    return await provider()
  } catch (cause) {
    throw new LetterlockError('api_key_unavailable', 'The function that finds the API key failed; `cause` says how.', { cause })
  }
}

function fromEnvironment({ environmentVariable }: SourceEffects): KeySource {
  const files = new Map<string, () => Promise<string>>()
  return {
    name: 'the environment (LETTERLOCK_API_KEY, LETTERLOCK_API_KEY_FILE)',
    read: () => {
      const key = environmentVariable('LETTERLOCK_API_KEY')
      const path = environmentVariable('LETTERLOCK_API_KEY_FILE')
      if (key !== undefined || path === undefined) return key
      const read = files.get(path) ?? keyFile(path)
      files.set(path, read)
      return read()
    },
  }
}
