/**
 * Where a call may be handed over to (转接目录): numbers of a city, published by the centre as `transfer-directory`. A number that
 * holds no longer, or not at this hour, is refused with the reason.
 */
import { z } from 'zod'
import { dialString } from './phone-number.ts'

export const transferDirectoryName = 'transfer-directory'
const mostDirectoryEntries = 2_000

const lineKind = z
  .enum(['emergency', 'hotline', 'department', 'internal'])
  .describe('紧急电话 / 服务热线 / 部门电话 / 内部专席')

const minuteOfDay = z.number().int().min(0).max(1_440).describe('北京时间，从零点起的分钟数')

/** When the line is answered. `days`: 1 is Monday, 7 is Sunday; the end is not before the beginning. */
const openHours = z.object({
  days: z.array(z.number().int().min(1).max(7)).min(1).max(7),
  from: minuteOfDay,
  to: minuteOfDay,
})
export type OpenHours = z.infer<typeof openHours>

export const transferEntry = z.object({
  number: z.string().regex(/^\+?[0-9*#]{2,32}$/),
  name: z.string().min(1).max(60),
  kind: lineKind,
  validFrom: z.iso.datetime().nullable().default(null).describe('启用时间；空为一直'),
  validTo: z.iso.datetime().nullable().default(null).describe('停用时间；空为未定'),
  consentWanted: z.boolean().default(false).describe('转接前须征得来电人同意'),
  threeWayWanted: z.boolean().default(false).describe('须三方通话'),
  hours: z.array(openHours).max(14).default([]).describe('服务时间；空为全天'),
  note: z.string().max(200).default(''),
})
export type TransferEntry = z.infer<typeof transferEntry>

export const transferDirectory = z.object({
  version: z.string().min(1).max(64).describe('转接目录版本'),
  sample: z.boolean().describe('示例数据'),
  entries: z.array(transferEntry).max(mostDirectoryEntries),
})
export type TransferDirectory = z.infer<typeof transferDirectory>

export type DirectoryFault = {
  index: number
  field: 'number' | 'validTo' | 'hours'
  code: 'OVERLAPPING_NUMBER' | 'ENDS_BEFORE_IT_BEGINS' | 'HOURS_BACKWARDS' | 'EMERGENCY_WITH_HOURS'
  sentence: string
}

const begins = ({ validFrom }: TransferEntry) =>
  validFrom === null ? Number.NEGATIVE_INFINITY : Date.parse(validFrom)
const ends = ({ validTo }: TransferEntry) =>
  validTo === null ? Number.POSITIVE_INFINITY : Date.parse(validTo)

/** One fault and the directory is refused whole. */
export function directoryFaults({ entries }: TransferDirectory): DirectoryFault[] {
  const faults: DirectoryFault[] = []
  const byNumber = new Map<string, TransferEntry[]>()
  for (const [index, entry] of entries.entries()) {
    const { number, kind, hours } = entry
    if (ends(entry) <= begins(entry))
      faults.push({
        index,
        field: 'validTo',
        code: 'ENDS_BEFORE_IT_BEGINS',
        sentence: `${number} 的停用时间不晚于启用时间`,
      })
    if (hours.some(({ from, to }) => to <= from))
      faults.push({
        index,
        field: 'hours',
        code: 'HOURS_BACKWARDS',
        sentence: `${number} 的服务时间结束不晚于开始`,
      })
    if (kind === 'emergency' && hours.length > 0)
      faults.push({
        index,
        field: 'hours',
        code: 'EMERGENCY_WITH_HOURS',
        sentence: `${number} 是紧急电话，不能限定服务时间`,
      })
    // The same number may change its name, but at each moment it is one line.
    const same = byNumber.get(number)
    if (same === undefined) byNumber.set(number, [entry])
    else {
      if (same.some(other => begins(other) < ends(entry) && begins(entry) < ends(other)))
        faults.push({ index, field: 'number', code: 'OVERLAPPING_NUMBER', sentence: `号码 ${number} 重复` })
      same.push(entry)
    }
  }
  return faults
}

export type TransferRefusal = { why: 'NOT_YET' | 'NO_LONGER' | 'CLOSED_NOW'; sentence: string }

const minuteMs = 60_000
const chinaMs = 8 * 60 * minuteMs
const two = (value: number) => String(value).padStart(2, '0')

/** Day and time in China, whatever the machine's zone. */
function china(at: number): { day: number; minute: number; date: string } {
  const there = new Date(at + chinaMs)
  const minute = there.getUTCHours() * 60 + there.getUTCMinutes()
  const date = `${there.getUTCFullYear()}年${there.getUTCMonth() + 1}月${there.getUTCDate()}日`
  return { day: ((there.getUTCDay() + 6) % 7) + 1, minute, date }
}

const clock = (minute: number) => `${two(Math.floor(minute / 60))}:${two(minute % 60)}`
const dayNames = ['一', '二', '三', '四', '五', '六', '日']

/** 周一至周五 09:00–17:30; 每天 when it is every day. */
export function hoursText(hours: readonly OpenHours[]): string {
  return hours
    .map(({ days, from, to }) => {
      const sorted = [...new Set(days)].toSorted((a, b) => a - b)
      const [first = 1, last = first] = [sorted[0], sorted.at(-1)]
      const name = (day: number) => dayNames[day - 1] ?? ''
      const unbroken = sorted.length > 2 && last - first === sorted.length - 1
      const when =
        sorted.length === 7
          ? '每天'
          : unbroken
            ? `周${name(first)}至周${name(last)}`
            : `周${sorted.map(name).join('、')}`
      return `${when} ${clock(from)}–${clock(to)}`
    })
    .join('，')
}

/** Null: the call may go there at this moment. */
export function mayTransfer(entry: TransferEntry, at: number): TransferRefusal | null {
  const { name, number, validFrom, validTo, hours } = entry
  const line = `${name}（${number}）`
  if (validFrom !== null && at < Date.parse(validFrom))
    return { why: 'NOT_YET', sentence: `${line}尚未启用，${china(Date.parse(validFrom)).date}起使用` }
  if (validTo !== null && at >= Date.parse(validTo))
    return { why: 'NO_LONGER', sentence: `${line}已于${china(Date.parse(validTo)).date}停用` }
  const { day, minute } = china(at)
  const open = hours.some(({ days, from, to }) => days.includes(day) && minute >= from && minute < to)
  if (hours.length > 0 && !open)
    return { why: 'CLOSED_NOW', sentence: `${line}现在不在服务时间：${hoursText(hours)}` }
  return null
}

export type DirectoryAnswer = { entry: TransferEntry | null; refusal: TransferRefusal | null }

/**
 * What the directory says of a number that was typed or chosen. A number that is not in it is nobody's entry and is not
 * refused: the operator may know it from elsewhere.
 */
export function lookUp(directory: TransferDirectory, number: string, at: number): DirectoryAnswer {
  const typed = dialString(number) ?? number
  const same = directory.entries.filter(entry => entry.number === typed)
  const holding = same.find(entry => begins(entry) <= at && at < ends(entry))
  // Of several that do not hold, the one that was there last tells the most.
  const entry = holding ?? same.toSorted((a, b) => ends(b) - ends(a))[0] ?? null
  return { entry, refusal: entry === null ? null : mayTransfer(entry, at) }
}

/** The emergency lines that hold, in the directory's order: each has a number key. */
export const quickLines = (directory: TransferDirectory, at: number): TransferEntry[] =>
  directory.entries.filter(entry => entry.kind === 'emergency' && mayTransfer(entry, at) === null).slice(0, 9)

export const findLines = (directory: TransferDirectory, typed: string): TransferEntry[] => {
  const wanted = typed.trim().toLowerCase()
  return directory.entries.filter(
    ({ name, number, note }) => wanted === '' || `${name} ${number} ${note}`.toLowerCase().includes(wanted),
  )
}
