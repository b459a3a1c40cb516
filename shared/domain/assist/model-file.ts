/**
 * The file of a trained model: magic, format version, checksum, length, then the parts in the order of `TextModel`, all
 * numbers little-endian. Whatever is not exactly that is refused, and the model in use stays.
 */
import type { Head, TextModel } from './text-model.ts'

export type ModelFault = 'NOT_A_MODEL' | 'OTHER_VERSION' | 'TRUNCATED' | 'DAMAGED'

export class ModelRefused extends Error {
  readonly code: ModelFault
  constructor(code: ModelFault) {
    super(code)
    this.name = 'ModelRefused'
    this.code = code
  }
}

/** "ZXTM" */
const magic = 0x4d54585a
export const modelFileVersion = 3
const headerBytes = 16
export const mostModelBytes = 5_000_000
const mostClasses = 2_000
const mostHeads = 8
const mostNameUnits = 200

let crcTable: Uint32Array | null = null

function crc32(bytes: Uint8Array): number {
  crcTable ??= Uint32Array.from({ length: 256 }, (_, value) => {
    let crc = value
    for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
    return crc >>> 0
  })
  let crc = 0xffffffff
  for (const byte of bytes) crc = (crcTable[(crc ^ byte) & 0xff] as number) ^ (crc >>> 8)
  return (crc ^ 0xffffffff) >>> 0
}

function writer(size: number) {
  const bytes = new Uint8Array(size)
  const view = new DataView(bytes.buffer)
  let at = headerBytes
  return {
    bytes,
    view,
    at: () => at,
    count(value: number) {
      view.setUint32(at, value, true)
      at += 4
    },
    real(value: number) {
      view.setFloat32(at, value, true)
      at += 4
    },
    text(value: string) {
      view.setUint16(at, value.length, true)
      at += 2
      for (let unit = 0; unit < value.length; unit += 1) {
        view.setUint16(at, value.charCodeAt(unit), true)
        at += 2
      }
    },
    small(values: Int8Array | Uint8Array) {
      bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.length), at)
      at += values.length
    },
  }
}

const headBytes = ({ name, classes, scales, weights }: Head): number =>
  2 +
  name.length * 2 +
  4 +
  4 +
  4 +
  scales.length +
  weights.length +
  classes.reduce((sum, one) => sum + 2 + one.length * 2 + 12, 0)

export function encodeModel(model: TextModel): Uint8Array {
  const size =
    headerBytes + 8 + model.hashes.length * 4 + model.heads.reduce((sum, head) => sum + headBytes(head), 0)
  const out = writer(size)
  out.count(model.hashes.length)
  out.count(model.heads.length)
  for (const hash of model.hashes) out.count(hash)
  for (const head of model.heads) {
    out.text(head.name)
    out.count(head.classes.length)
    out.real(head.slope)
    out.real(head.scaleStep)
    head.classes.forEach((value, of) => {
      out.text(value)
      out.real(head.biases[of] as number)
      out.real(head.weightSteps[of] as number)
      out.real(head.offsets[of] as number)
    })
    out.small(head.scales)
    out.small(head.weights)
  }
  const body = out.bytes.subarray(headerBytes)
  out.view.setUint32(0, magic, true)
  out.view.setUint32(4, modelFileVersion, true)
  out.view.setUint32(8, out.bytes.length, true)
  out.view.setUint32(12, crc32(body), true)
  return out.bytes
}

function reader(bytes: Uint8Array) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = headerBytes
  const take = (size: number): number => {
    if (at + size > bytes.length) throw new ModelRefused('DAMAGED')
    at += size
    return at - size
  }
  const count = (most: number): number => {
    const value = view.getUint32(take(4), true)
    if (value > most) throw new ModelRefused('DAMAGED')
    return value
  }
  const real = (): number => {
    const value = view.getFloat32(take(4), true)
    if (!Number.isFinite(value)) throw new ModelRefused('DAMAGED')
    return value
  }
  const text = (): string => {
    const length = view.getUint16(take(2), true)
    if (length > mostNameUnits) throw new ModelRefused('DAMAGED')
    const from = take(length * 2)
    return Array.from({ length }, (_, unit) =>
      String.fromCharCode(view.getUint16(from + unit * 2, true)),
    ).join('')
  }
  return {
    count,
    real,
    text,
    hash: () => view.getUint32(take(4), true),
    small: (length: number) => {
      const from = take(length)
      return new Uint8Array(bytes.subarray(from, from + length))
    },
    atEnd: () => at === bytes.length,
  }
}

/** Throws ModelRefused. Every length is checked before anything of that length is made. */
export function decodeModel(bytes: Uint8Array): TextModel {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < 4 || view.getUint32(0, true) !== magic) throw new ModelRefused('NOT_A_MODEL')
  if (bytes.length < headerBytes) throw new ModelRefused('TRUNCATED')
  if (view.getUint32(4, true) !== modelFileVersion) throw new ModelRefused('OTHER_VERSION')
  const length = view.getUint32(8, true)
  if (length > mostModelBytes) throw new ModelRefused('DAMAGED')
  if (bytes.length < length) throw new ModelRefused('TRUNCATED')
  if (bytes.length > length || crc32(bytes.subarray(headerBytes)) !== view.getUint32(12, true))
    throw new ModelRefused('DAMAGED')
  const from = reader(bytes)
  const features = from.count(Math.floor(bytes.length / 4))
  const headCount = from.count(mostHeads)
  const hashes = Uint32Array.from({ length: features }, () => from.hash())
  if (hashes.some((hash, at) => at > 0 && hash <= (hashes[at - 1] as number)))
    throw new ModelRefused('DAMAGED')
  const heads: Head[] = []
  for (let head = 0; head < headCount; head += 1) {
    const name = from.text()
    const width = from.count(mostClasses)
    const slope = from.real()
    const scaleStep = from.real()
    const told = Array.from({ length: width }, () => ({
      value: from.text(),
      bias: from.real(),
      weightStep: from.real(),
      offset: from.real(),
    }))
    heads.push({
      name,
      classes: told.map(({ value }) => value),
      scales: from.small(features),
      scaleStep,
      biases: Float32Array.from(told, ({ bias }) => bias),
      weightSteps: Float32Array.from(told, ({ weightStep }) => weightStep),
      weights: new Int8Array(from.small(features * width).buffer),
      slope,
      offsets: Float32Array.from(told, ({ offset }) => offset),
    })
  }
  if (!from.atEnd()) throw new ModelRefused('DAMAGED')
  return { hashes, heads }
}

/** Why a file is no model; null when it is one. */
export function modelFault(bytes: Uint8Array): ModelFault | null {
  try {
    decodeModel(bytes)
    return null
  } catch (error) {
    if (error instanceof ModelRefused) return error.code
    throw error
  }
}
