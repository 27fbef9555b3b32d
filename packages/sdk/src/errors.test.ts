import { describe, expect, test, vi } from 'vitest'
import { AbortedError, ApiError, ConnectionError, LetterlockError, TimeoutError } from './errors.ts'

const apiError = new ApiError({ status: 404, code: 'not_found', detail: 'gone' })

describe('instanceof', () => {
  test('knows class and base, and no sibling', () => {
    const errors = { ApiError: apiError, ConnectionError: new ConnectionError('c'), TimeoutError: new TimeoutError('t'), AbortedError: new AbortedError(1) }
    const classes = { ApiError, ConnectionError, TimeoutError, AbortedError }
    for (const [errorName, error] of Object.entries(errors)) {
      expect(error).toBeInstanceOf(LetterlockError)
      expect(error).toBeInstanceOf(Error)
      expect(error.name).toBe(errorName)
      for (const [className, each] of Object.entries(classes)) expect(error instanceof each).toBe(className === errorName)
    }
  })

  test('knows errors of another copy of this package', async () => {
    vi.resetModules()
    const other = await import('./errors.ts')
    expect(other.ApiError).not.toBe(ApiError)
    const error: unknown = new other.ApiError({ status: 404, code: 'not_found', detail: 'gone' })
    expect([error instanceof ApiError, error instanceof LetterlockError, error instanceof TimeoutError]).toEqual([true, true, false])
  })

  test('keeps JavaScript’s rule for classes made of these', () => {
    class MyError extends ApiError {}
    const mine = new MyError({ status: 404, code: 'not_found', detail: 'gone' })
    expect([mine instanceof MyError, mine instanceof ApiError, apiError instanceof MyError]).toEqual([true, true, false])
  })

  test.each([null, undefined, 1, 'x', {}, new Error('x'), { code: 'not_found' }])('is false for %j', (value) => {
    expect((value as unknown) instanceof LetterlockError).toBe(false)
  })
})

test('ApiError lists at most three issues in its message, and has no empty properties', () => {
  const issues = ['a', 'b', 'c', 'd', 'e'].map((path) => ({ path, message: 'm' }))
  const error = new ApiError({ status: 400, code: 'invalid_request', detail: 'no', issues, meter: undefined })
  expect(error.message).toBe('400 invalid_request: no [a: m; b: m; c: m; and 2 more]')
  expect(Object.keys(error).sort()).toEqual(['code', 'detail', 'issues', 'status'])
})
