import { expect, test } from 'vitest'
import { letterlockKeys } from './letterlock-keys.ts'
import { parseLetterlockKey, redactLetterlockKey, redactLetterlockKeys } from './read-keys.ts'

const { token } = letterlockKeys.issue({ mode: 'live' })

test.each([token, `${token}x`, token.slice(1), '', 'Bearer x', `"${token}"`])('reads as letterlockKeys does (%#)', (text) => {
  expect(parseLetterlockKey(text)).toEqual(letterlockKeys.parse(text))
  expect(redactLetterlockKey(text)).toBe(letterlockKeys.redact(text))
  expect(redactLetterlockKeys(`a ${text} b`)).toBe(letterlockKeys.redactKeys(`a ${text} b`))
})
