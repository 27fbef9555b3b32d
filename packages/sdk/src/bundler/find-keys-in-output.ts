/** Looks for API keys in what a bundler wrote. */
import { defineKeyFormat } from '@letterlock/keys'
import { environmentVariable } from '../environment.ts'

/** Settings of the plugins. */
export interface KeyGuardOptions {
  /** The prefix of your server's keys, where it is not `ll`. */
  readonly prefix?: string | undefined
}

/** Answers why the file must not be published; null when no key is in it. Shows no key. */
export type CheckOutput = (file: string, content: string | Uint8Array) => string | null

/** A value of `LETTERLOCK_API_KEY` this short is no key; it may be a word of any text. */
const shortestValue = 16

export function outputChecker({ prefix }: KeyGuardOptions = {}): CheckOutput {
  const formats = [...new Set(['ll', ...(prefix ? [prefix] : [])])].map((each) => defineKeyFormat({ prefix: each }))
  return (file, content) => {
    const text = withDataUrls(typeof content === 'string' ? content : new TextDecoder().decode(content))
    const shown = formats.flatMap((format) => format.findKeys(text).map((key) => format.redact(key.token)))
    const [first] = shown
    if (first) return `${file} contains the API key ${first}${shown.length > 1 ? ` and ${shown.length - 1} more` : ''}: ${advice}`
    const fromEnvironment = environmentVariable('LETTERLOCK_API_KEY')
    if (fromEnvironment !== undefined && fromEnvironment.length >= shortestValue && text.includes(fromEnvironment)) {
      return `${file} contains the value of LETTERLOCK_API_KEY: ${advice}`
    }
    return null
  }
}

/** The text, and what its data URLs hold: a source map may be inside the file. */
function withDataUrls(text: string): string {
  const decoded = [...text.matchAll(/;base64,([\w+/]{40,}={0,2})/g)].map(([, data = '']) => Buffer.from(data, 'base64').toString('utf8'))
  return [text, ...decoded].join('\n')
}

const advice = 'whoever gets the file could use it. Read it at run time, on a server. If this output was published before, rotate the key.'
