/**
 * A pure function of a text that remembers up to so many results, for texts that come again and again. When it is
 * full it forgets everything: cheaper than to know what is still wanted, and what is wanted comes back.
 */
export function remembered<Result>(make: (text: string) => Result, max: number): (text: string) => Result {
  const results = new Map<string, Result>()
  return (text) => {
    const known = results.get(text)
    if (known !== undefined) return known
    const result = make(text)
    if (results.size >= max) results.clear()
    results.set(text, result)
    return result
  }
}
