import type { Answer } from './api-error.ts'

/** The answer with every echo of the key replaced, so that none can get into an error. */
export function withoutKey({ status, headers, text }: Answer, apiKey: string): Answer {
  return {
    status,
    headers: { get: (name) => headers.get(name)?.replaceAll(apiKey, hidden) ?? null },
    text: plain(text).replaceAll(JSON.stringify(apiKey).slice(1, -1), hidden).replaceAll(apiKey, hidden),
  }
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
