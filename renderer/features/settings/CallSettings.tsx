/** How calls are handled: keys, numbers shown, wrap-up, answering by itself, pausing the recording. */
import { Input, InputNumber, Select } from 'antd'
import type { ReactNode } from 'react'
import type { SeatSettings } from '../../../shared/domain/settings.ts'
import { defineText } from '../../ui/text.ts'

const useText = defineText('call-settings', {
  dtmf: ['按键发送方式', 'Keys are sent by'],
  'dtmf.rfc4733': ['音频流中 (RFC 4733)', 'in the audio stream (RFC 4733)'],
  'dtmf.info': ['信令 INFO', 'SIP INFO'],
  callerIds: ['可选的外显号码', 'Caller IDs to choose from'],
  callerIdsHint: [
    '输入号码后按回车；留空由话务台决定',
    'Type a number and press Enter; empty: the exchange decides',
  ],
  wrapUpSeconds: ['话后整理（秒，0 为不整理）', 'Wrap-up, seconds (0: none)'],
  autoAnswerSeconds: ['自动接听（振铃秒数，0 为不自动接听）', 'Answer by itself after seconds (0: never)'],
  'recordingPause.contentType': ['暂停录音：INFO 类型', 'Pause of recording: INFO type'],
  'recordingPause.pause': ['暂停录音：内容', 'Pause of recording: body'],
  'recordingPause.resume': ['恢复录音：内容', 'Resumed recording: body'],
  recordingPauseHint: ['留空表示话务台不支持', 'Empty: the exchange cannot'],
})

export function CallSettings(props: {
  settings: SeatSettings
  fixed(name: string): boolean
  row(name: string, label: string, control: ReactNode): ReactNode
  set(change: Partial<SeatSettings>): void
}) {
  const { settings, fixed, row, set } = props
  const say = useText()
  const seconds = (name: 'wrapUpSeconds' | 'autoAnswerSeconds', max: number) =>
    row(
      name,
      say(name),
      <InputNumber
        id={`setting-${name}`}
        min={0}
        max={max}
        precision={0}
        value={settings[name]}
        disabled={fixed(name)}
        onChange={(value: number | null) => set({ [name]: value ?? 0 })}
      />,
    )
  const recording = (name: 'contentType' | 'pause' | 'resume') =>
    row(
      `recordingPause.${name}`,
      say(`recordingPause.${name}`),
      <Input
        id={`setting-recordingPause.${name}`}
        value={settings.recordingPause[name]}
        disabled={fixed('recordingPause')}
        placeholder={name === 'contentType' ? '' : say('recordingPauseHint')}
        onChange={event =>
          set({ recordingPause: { ...settings.recordingPause, [name]: event.target.value } })
        }
      />,
    )
  return (
    <>
      {row(
        'dtmf',
        say('dtmf'),
        <Select
          id="setting-dtmf"
          value={settings.dtmf}
          disabled={fixed('dtmf')}
          options={(['rfc4733', 'info'] as const).map(value => ({ value, label: say(`dtmf.${value}`) }))}
          onChange={dtmf => set({ dtmf })}
        />,
      )}
      {row(
        'callerIds',
        say('callerIds'),
        <Select
          id="setting-callerIds"
          mode="tags"
          open={false}
          suffixIcon={null}
          value={settings.callerIds}
          disabled={fixed('callerIds')}
          placeholder={say('callerIdsHint')}
          onChange={(callerIds: string[]) =>
            set({
              callerIds,
              ...(callerIds.includes(settings.callerId) ? {} : { callerId: '' }),
            })
          }
        />,
      )}
      {seconds('wrapUpSeconds', 600)}
      {seconds('autoAnswerSeconds', 60)}
      {recording('contentType')}
      {recording('pause')}
      {recording('resume')}
    </>
  )
}
