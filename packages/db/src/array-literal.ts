/** Columns as array literals of PostgreSQL. The driver would look at each element several times. */

/** `{"a","b",null}`. A zero byte, which no text of PostgreSQL may hold, is left out. */
export function textArray(values: readonly (string | null)[]): string {
  const json = JSON.stringify(values) // one string, where pieces would be garbage by the thousand
  if (!json.includes('\\')) return `{${json.slice(1, -1)}}`
  let text = ''
  for (const value of values) text += value === null ? ',null' : `,"${special.test(value) ? escape(value) : value}"`
  return `{${text.slice(1)}}`
}

/** `{1,2.5}`. */
export function numberArray(values: readonly number[]): string {
  return `{${values.join(',')}}`
}

// oxlint-disable-next-line no-control-regex -- the zero byte is what it is about
const special = /["\\\0]/

function escape(value: string): string {
  return value.replaceAll('\0', '').replaceAll(/["\\]/g, '\\$&')
}
