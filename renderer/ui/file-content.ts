/** The content of a file as the core hands it to the page: taken whole. */

export type FilePieces = () => Promise<AsyncIterable<{ content: string }>>

/** All of it, or a rejection: what came in part is never shown or saved. */
export async function contentOf(
  pieces: FilePieces,
  bytes: number,
  mediaType: string,
  onReceived: (bytes: number) => void,
): Promise<Blob> {
  const parts: Uint8Array<ArrayBuffer>[] = []
  let received = 0
  for await (const { content } of await pieces()) {
    const part = bytesOf(content)
    parts.push(part)
    received += part.length
    onReceived(Math.min(received, bytes))
  }
  return new Blob(parts, { type: mediaType })
}

export function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64)
  const bytes = new Uint8Array(text.length)
  for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at)
  return bytes
}

/** `512 B`, `3.4 KB`, `120 MB`. */
export function sizeWords(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB']
  let size = bytes
  let unit = 0
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024
    unit += 1
  }
  return `${size < 10 && unit > 0 ? size.toFixed(1) : Math.round(size)} ${units[unit]}`
}

export const percentOf = (part: number, whole: number): number =>
  whole === 0 ? 0 : Math.min(100, Math.floor((part * 100) / whole))
