/** Settings (设置) of one seat, and the administrator's policy file that wins over them. */
import { z } from 'zod'

/** Which SIP header carries which fact; header names are a city's own. An empty name means: this exchange has none. */
const headerName = z
  .string()
  .max(64)
  .regex(/^[A-Za-z0-9!%*_+`'~.-]*$/, '不是合法的 SIP 头域名称')
export const headerMap = z.object({
  originalCallId: headerName,
  queue: headerName,
  skill: headerName,
  dialect: headerName,
  recordingId: headerName,
})
export type HeaderMap = z.infer<typeof headerMap>

export const codec = z.enum(['opus', 'PCMA', 'PCMU', 'G722'])

const exchangeUrl = z
  .union([z.literal(''), z.url({ protocol: /^wss?$/ })])
  .refine(
    value => value === '' || !value.startsWith('ws://') || isLoopbackUrl(value),
    '只有本机地址可以不加密（ws://）；其他地址请用 wss://',
  )

/** Only this machine may be reached without TLS. */
function isLoopbackUrl(value: string): boolean {
  return /^ws:\/\/(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?(\/|$)/.test(value)
}

export const seatSettings = z.object({
  exchangeUrl: exchangeUrl.describe('话务平台地址 (WebSocket)'),
  sipDomain: z.string().max(253).describe('SIP 域'),
  extension: z
    .string()
    .max(64)
    .regex(/^[A-Za-z0-9_.+-]*$/)
    .describe('分机号'),
  authUser: z.string().max(64).describe('鉴权用户名；空则同分机号'),
  centreUrl: z.union([z.literal(''), z.url({ protocol: /^https?$/ })]).describe('中心平台地址'),
  areaCode: z
    .union([z.literal(''), z.string().regex(/^0\d{2,3}$/, '区号形如 010 或 0512')])
    .describe('本地区号'),
  divisionCode: z.string().max(32).describe('默认行政区划'),
  headerMap,
  codecs: z.array(codec).min(1).max(4).describe('语音编码，按优先顺序'),
  ringtoneVolume: z.number().min(0).max(1).describe('铃声音量'),
  language: z.enum(['zh-CN', 'en-US']).describe('界面语言'),
  textSize: z.enum(['normal', 'large']).describe('字号'),
})
export type SeatSettings = z.infer<typeof seatSettings>

export const defaultSettings: SeatSettings = {
  exchangeUrl: '',
  sipDomain: '',
  extension: '',
  authUser: '',
  centreUrl: '',
  areaCode: '',
  divisionCode: '',
  headerMap: {
    originalCallId: 'X-Original-Call-ID',
    queue: 'X-Queue',
    skill: 'X-Skill',
    dialect: 'X-Dialect',
    recordingId: 'X-Recording-ID',
  },
  codecs: ['opus', 'PCMA', 'PCMU'],
  ringtoneVolume: 0.7,
  language: 'zh-CN',
  textSize: 'normal',
}

/** The policy file: any settings, and optionally the extension's secret. Unknown keys are an error, not ignored. */
export const seatPolicy = seatSettings
  .partial()
  .extend({ extensionSecret: z.string().max(256).optional() })
  .strict()
export type SeatPolicy = z.infer<typeof seatPolicy>
