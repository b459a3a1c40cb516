/** 声音设备: which device rings, which one is spoken with, and whether both work, tried before the shift. */
import { Button, Progress, Select, Slider } from 'antd'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import type { DeviceChoice } from '../../../shared/domain/settings.ts'
import { idOf, listDevices, type SoundDevices, volumeOf, watchDevices } from '../../phone/audio/devices.ts'
import { type SoundCheck, startSoundCheck } from '../../phone/audio/sound-check.ts'
import { defineText } from '../../ui/text.ts'

const useText = defineText('sound', {
  microphone: ['麦克风', 'Microphone'],
  speaker: ['通话耳机', 'Headset'],
  ringer: ['振铃设备', 'Ringing device'],
  volume: ['通话音量', 'Call volume'],
  system: ['跟随系统', "System's default"],
  missing: ['{{label}}（未插入）', '{{label}} (not plugged in)'],
  check: ['班前检查', 'Sound check'],
  start: ['开始检查', 'Start'],
  stop: ['结束检查', 'Stop'],
  echo: ['听自己的声音', 'Hear yourself'],
  echoOff: ['停止回放', 'Stop the echo'],
  level: ['麦克风音量', 'Microphone level'],
  quiet: [
    '没有声音：请对着麦克风说话，或检查耳麦的静音键',
    'Silent: speak, or look for a mute key on the headset',
  ],
  good: ['麦克风正常', 'The microphone works'],
  failed: ['麦克风无法打开，请检查耳麦是否插好、是否被其他程序占用', 'The microphone cannot be opened'],
})

const nothing: SoundDevices = { microphones: [], speakers: [] }
const audibleDbfs = -45
/** What a meter shows: −60 dBFS is empty, 0 is full. */
const percent = (dbfs: number) => Math.round(Math.max(0, Math.min(1, (dbfs + 60) / 60)) * 100)

function useDevices(): SoundDevices {
  const [devices, setDevices] = useState(nothing)
  useEffect(() => {
    let here = true
    const look = () =>
      void listDevices().then(found => {
        if (here) setDevices(found)
      })
    look()
    const stop = watchDevices(look)
    return () => {
      here = false
      stop()
    }
  }, [])
  return devices
}

export function SoundSettings(props: {
  value: DeviceChoice
  disabled: boolean
  row(name: string, label: string, control: ReactNode): ReactNode
  onChange(value: DeviceChoice): void
}) {
  const { value, disabled, row, onChange } = props
  const say = useText()
  const devices = useDevices()
  const picker = (what: 'microphone' | 'speaker' | 'ringer', labels: string[]) => {
    const chosen = value[what]
    const known = chosen === '' || labels.includes(chosen)
    return row(
      `devices.${what}`,
      say(what),
      <Select
        id={`setting-devices.${what}`}
        value={chosen}
        disabled={disabled}
        options={[
          { value: '', label: say('system') },
          ...labels.map(label => ({ value: label, label })),
          ...(known ? [] : [{ value: chosen, label: say('missing', { label: chosen }) }]),
        ]}
        onChange={label => onChange({ ...value, [what]: label })}
      />,
    )
  }
  const labelled = (list: SoundDevices['speakers']) => [
    ...new Set(list.map(({ label }) => label).filter(label => label !== '')),
  ]
  return (
    <>
      {picker('microphone', labelled(devices.microphones))}
      {picker('speaker', labelled(devices.speakers))}
      {row(
        'devices.volume',
        say('volume'),
        <Slider
          ariaLabelForHandle={say('volume')}
          min={0}
          max={1}
          step={0.05}
          value={volumeOf(value, value.speaker)}
          disabled={disabled}
          onChange={volume => onChange({ ...value, volumes: { ...value.volumes, [value.speaker]: volume } })}
        />,
      )}
      {picker('ringer', labelled(devices.speakers))}
      {row(
        'devices.check',
        say('check'),
        <Check
          microphone={idOf(devices.microphones, value.microphone)}
          speaker={idOf(devices.speakers, value.speaker)}
        />,
      )}
    </>
  )
}

function Check({ microphone, speaker }: { microphone: string; speaker: string }) {
  const say = useText()
  const [running, setRunning] = useState(false)
  const [echo, setEcho] = useState(false)
  const [level, setLevel] = useState(-99)
  const [loudest, setLoudest] = useState(-99)
  const [failed, setFailed] = useState(false)
  const check = useRef<SoundCheck | null>(null)
  useEffect(() => {
    if (!running) return
    let over = false
    setLoudest(-99)
    setFailed(false)
    setEcho(false)
    startSoundCheck(microphone, speaker, dbfs => {
      setLevel(dbfs)
      setLoudest(before => Math.max(before, dbfs))
    })
      .then(started => {
        if (over) return started.stop()
        check.current = started
      })
      .catch(() => {
        setFailed(true)
        setRunning(false)
      })
    return () => {
      over = true
      check.current?.stop()
      check.current = null
    }
  }, [running, microphone, speaker])
  return (
    <div className="sound-check">
      <Button onClick={() => setRunning(!running)}>{say(running ? 'stop' : 'start')}</Button>
      {running ? (
        <>
          <Button
            onClick={() => {
              check.current?.setEcho(!echo)
              setEcho(!echo)
            }}
          >
            {say(echo ? 'echoOff' : 'echo')}
          </Button>
          <Progress
            aria-label={say('level')}
            percent={percent(level)}
            showInfo={false}
            strokeColor="var(--blue)"
          />
          <span role="status">{say(loudest > audibleDbfs ? 'good' : 'quiet')}</span>
        </>
      ) : null}
      {failed ? <span role="alert">{say('failed')}</span> : null}
    </div>
  )
}
