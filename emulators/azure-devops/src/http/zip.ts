import { crc32, deflateRawSync } from 'node:zlib'

export interface ZipEntry {
  /** no leading slash */
  path: string
  content: Buffer
}

function localHeader(name: Buffer, content: Buffer, packed: Buffer): Buffer {
  const header = Buffer.alloc(30)
  header.writeUInt32LE(0x04034b50, 0)
  header.writeUInt16LE(20, 4)
  header.writeUInt16LE(0x0800, 6) // names are UTF-8
  header.writeUInt16LE(8, 8)
  header.writeUInt32LE(0x00210000, 10) // 1 January 1980
  header.writeUInt32LE(crc32(content), 14)
  header.writeUInt32LE(packed.length, 18)
  header.writeUInt32LE(content.length, 22)
  header.writeUInt16LE(name.length, 26)
  return header
}

function directoryHeader(local: Buffer, offset: number): Buffer {
  const header = Buffer.alloc(46)
  header.writeUInt32LE(0x02014b50, 0)
  header.writeUInt16LE(20, 4)
  local.copy(header, 6, 4, 30)
  header.writeUInt32LE(offset, 42)
  return header
}

/** A zip archive in memory; node has deflate and CRC but no container. */
export function zip(entries: readonly ZipEntry[]): Buffer {
  const files: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const { path, content } of entries) {
    const name = Buffer.from(path)
    const packed = deflateRawSync(content)
    const header = localHeader(name, content, packed)
    directory.push(directoryHeader(header, offset), name)
    files.push(header, name, packed)
    offset += header.length + name.length + packed.length
  }
  const listing = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(entries.length, 8)
  end.writeUInt16LE(entries.length, 10)
  end.writeUInt32LE(listing.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...files, listing, end])
}
