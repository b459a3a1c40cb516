/** Archives as nobody's program writes them: sizes that are not true, contents that unpack to anything. */
import { crc32, deflateRawSync } from 'node:zlib'

/** `claimed`: what the archive says the content unpacks to. */
export function zipOf(files: { name: string; content: Buffer; claimed?: number }[]): Buffer {
  const locals: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const { name, content, claimed = content.length } of files) {
    const packed = deflateRawSync(content)
    const named = Buffer.from(name, 'utf8')
    const fields = Buffer.alloc(22)
    fields.writeUInt16LE(20, 0)
    fields.writeUInt16LE(8, 4)
    fields.writeUInt32LE(crc32(content), 10)
    fields.writeUInt32LE(packed.length, 14)
    fields.writeUInt32LE(claimed, 18)
    const lengths = Buffer.alloc(4)
    lengths.writeUInt16LE(named.length, 0)
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), fields, lengths, named, packed])
    const place = Buffer.alloc(14)
    place.writeUInt32LE(offset, 10)
    directory.push(
      Buffer.concat([
        Buffer.from('PK\x01\x02', 'latin1'),
        Buffer.from([20, 0]),
        fields,
        lengths,
        place,
        named,
      ]),
    )
    locals.push(local)
    offset += local.length
  }
  const listed = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(files.length, 8)
  end.writeUInt16LE(files.length, 10)
  end.writeUInt32LE(listed.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...locals, listed, end])
}
