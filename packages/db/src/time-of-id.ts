/** When an id was made, in milliseconds since 1970: a TypeID begins with the 48 bits of time of its UUIDv7. */
export function timeOfId(id: string): number {
  const start = id.lastIndexOf('_') + 1
  let time = 0
  for (let index = start; index < start + 10; index++) time = time * 32 + digits.indexOf(id.charAt(index))
  return time
}

const digits = '0123456789abcdefghjkmnpqrstvwxyz'
