import type { Answer } from './api-error.ts'
import type { HeaderReader } from './header-reader.ts'

/** The answer with every echo of the key replaced, so that none can get into an error. */
export function withoutKey({ status, headers, text }: Answer, apiKey: string): Answer {
  return {
    status,
    headers: headersWithoutKey(headers, apiKey),
    text: plain(text).replaceAll(JSON.stringify(apiKey).slice(1, -1), hidden).replaceAll(apiKey, hidden),
  }
}

/** Headers that can be asked by name, and do not hold the key. The function that hides it does not show it either. */
export function headersWithoutKey(headers: HeaderReader, apiKey: string): HeaderReader {
  return { get: (name) => headers.get(name)?.replaceAll(apiKey, hidden) ?? null }
}

const hidden = '[API key]'

/** JSON written anew: `\u006c` is a way to write a letter of the key. */
function plain(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text))
  } catch {
    return text
  }
}
