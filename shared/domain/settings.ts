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

const centreUrl = z
  .union([z.literal(''), z.url({ protocol: /^https?$/ })])
  .refine(
    value => value === '' || !value.startsWith('http://') || isLoopbackUrl(value),
    '只有本机地址可以不加密（http://）；其他地址请用 https://',
  )

/** Only this machine may be reached without TLS. */
function isLoopbackUrl(value: string): boolean {
  return /^(ws|http):\/\/(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?(\/|$)/.test(value)
}

/** Devices by their labels: a browser's own ids change with each profile. Empty: the system's default. */
const deviceLabel = z.string().max(256)
export const deviceChoice = z.object({
  microphone: deviceLabel.describe('麦克风'),
  speaker: deviceLabel.describe('通话耳机'),
  ringer: deviceLabel.describe('振铃设备'),
  volumes: z.record(deviceLabel, z.number().min(0).max(1)).describe('每个设备的通话音量'),
})
export type DeviceChoice = z.infer<typeof deviceChoice>

export const seatSettings = z.object({
  exchangeUrl: exchangeUrl.describe('话务平台地址 (WebSocket)'),
  backupExchangeUrl: exchangeUrl.describe('备用话务平台地址'),
  authorityFile: z.string().max(1_024).describe('本市根证书文件 (PEM)；空则只信任系统的根证书'),
  sipDomain: z.string().max(253).describe('SIP 域'),
  extension: z
    .string()
    .max(64)
    .regex(/^[A-Za-z0-9_.+-]*$/)
    .describe('分机号'),
  authUser: z.string().max(64).describe('鉴权用户名；空则同分机号'),
  centreUrl: centreUrl.describe('中心平台地址；空则没有中心平台'),
  syncAlarmMinutes: z.number().int().min(1).max(1_440).describe('在线时未上传超过多少分钟报警'),
  areaCode: z
    .union([z.literal(''), z.string().regex(/^0\d{2,3}$/, '区号形如 010 或 0512')])
    .describe('本地区号'),
  divisionCode: z.string().max(32).describe('默认行政区划'),
  headerMap,
  codecs: z.array(codec).min(1).max(4).describe('语音编码，按优先顺序'),
  ringtoneVolume: z.number().min(0).max(1).describe('铃声音量'),
  devices: deviceChoice,
  dtmf: z.enum(['rfc4733', 'info']).describe('按键发送方式'),
  callerIds: z
    .array(z.string().regex(/^\+?[0-9*#]{2,32}$/, '号码只能包含数字'))
    .max(20)
    .describe('可选的外显号码'),
  callerId: z.string().max(33).describe('当前外显号码；空则由话务台决定'),
  wrapUpSeconds: z.number().int().min(0).max(600).describe('话后整理秒数；0 为不整理'),
  autoAnswerSeconds: z.number().int().min(0).max(60).describe('自动接听：振铃秒数后接听；0 为不自动接听'),
  recordingPause: z
    .object({
      contentType: z.string().max(100),
      pause: z.string().max(1_000),
      resume: z.string().max(1_000),
    })
    .describe('暂停录音的 INFO 内容；pause 为空则话务台不支持'),
  language: z.enum(['zh-CN', 'en-US']).describe('界面语言'),
  textSize: z.enum(['normal', 'large']).describe('字号'),
})
export type SeatSettings = z.infer<typeof seatSettings>

/** What is set beside the settings and never comes back out. */
export type SecretSetting = 'extensionSecret' | 'languageModelKey'
export type SettingName = keyof SeatSettings | SecretSetting

/**
 * Whose a setting is. One's own comforts change with whoever is signed in. Where the seat connects to, whom it trusts, what it
 * tells about calls and which numbers it shows is the administrator's: by role (`seat.configure`) or by the policy file.
 */
export const settingOwner: Record<SettingName, 'operator' | 'administrator'> = {
  exchangeUrl: 'administrator',
  backupExchangeUrl: 'administrator',
  authorityFile: 'administrator',
  sipDomain: 'administrator',
  extension: 'administrator',
  authUser: 'administrator',
  extensionSecret: 'administrator',
  centreUrl: 'administrator',
  syncAlarmMinutes: 'administrator',
  areaCode: 'administrator',
  divisionCode: 'administrator',
  headerMap: 'administrator',
  codecs: 'administrator',
  dtmf: 'administrator',
  callerIds: 'administrator',
  recordingPause: 'administrator',
  languageModelKey: 'administrator',
  ringtoneVolume: 'operator',
  devices: 'operator',
  callerId: 'operator',
  wrapUpSeconds: 'operator',
  autoAnswerSeconds: 'operator',
  language: 'operator',
  textSize: 'operator',
}
export const isAdministrators = (name: string): boolean => settingOwner[name as SettingName] !== 'operator'

export const defaultSettings: SeatSettings = {
  exchangeUrl: '',
  backupExchangeUrl: '',
  authorityFile: '',
  sipDomain: '',
  extension: '',
  authUser: '',
  centreUrl: '',
  syncAlarmMinutes: 5,
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
  devices: { microphone: '', speaker: '', ringer: '', volumes: {} },
  dtmf: 'rfc4733',
  callerIds: [],
  callerId: '',
  wrapUpSeconds: 30,
  autoAnswerSeconds: 0,
  recordingPause: { contentType: 'application/x-recording', pause: '', resume: '' },
  language: 'zh-CN',
  textSize: 'normal',
}

/** A city's own language model over an OpenAI-compatible endpoint. Only here can it be turned on. */
export const languageModelPolicy = z
  .object({
    url: z
      .url({ protocol: /^https?$/ })
      .max(1_024)
      .refine(
        value => !value.startsWith('http://') || isLoopbackUrl(value),
        '只有本机地址可以不加密（http://）；其他地址请用 https://',
      )
      .describe('接口地址，到 /v1 为止'),
    model: z.string().trim().min(1).max(100).describe('模型名称'),
    timeLimitSeconds: z.number().int().min(1).max(120).default(30).describe('多少秒没有答复就放弃'),
  })
  .strict()

/** The policy file: any settings, and optionally what only it can say. Unknown keys are an error, not ignored. */
export const seatPolicy = seatSettings
  .partial()
  .extend({
    extensionSecret: z.string().max(256).optional(),
    languageModel: languageModelPolicy.optional(),
    languageModelKey: z.string().max(512).optional(),
  })
  .strict()
export type SeatPolicy = z.infer<typeof seatPolicy>
