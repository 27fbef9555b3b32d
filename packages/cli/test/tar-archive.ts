/** A tar archive (ustar) of small files. */

export function tarArchive(members: Readonly<Record<string, Buffer | string>>): Buffer {
  const parts = Object.entries(members).flatMap(([name, content]) => {
    const bytes = Buffer.from(content as string)
    return [headerOf(name, bytes.length), bytes, Buffer.alloc(-bytes.length & 511)]
  })
  return Buffer.concat([...parts, Buffer.alloc(1024)])
}

function headerOf(name: string, size: number): Buffer {
  const header = Buffer.alloc(512)
  header.write(name, 0, 100)
  header.write('0000644\0' + '0000000\0' + '0000000\0' + size.toString(8).padStart(11, '0') + '\0' + '00000000000\0', 100)
  header.write('        0', 148)
  header.write('ustar\x0000', 257)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return header
}
