/** 通话质量: one quiet line; in plain words when it is bad, and on which side. */
import { Popover } from 'antd'
import type { CallQuality } from '../../phone/phone.ts'
import { defineText } from '../../ui/text.ts'

const useText = defineText('quality', {
  region: ['通话质量', 'Call quality'],
  'verdict.good': ['好', 'Good'],
  'verdict.fair': ['一般', 'Fair'],
  'verdict.poor': ['差', 'Poor'],
  'fault.incoming-loss': [
    '您听到的声音有丢失，问题在对方到本机的网络',
    'You lose parts of them: their way to you',
  ],
  'fault.outgoing-loss': [
    '对方听您的声音有丢失，问题在本机到话务台的网络',
    'They lose parts of you: your way to the exchange',
  ],
  'fault.incoming-jitter': ['对方声音忽快忽慢，网络不稳', 'Their voice comes unevenly: the network'],
  'fault.delay': ['声音延迟大，请说完稍等对方', 'Long delay: wait a moment after speaking'],
  'fault.no-audio': ['没有收到对方的声音', 'Nothing is heard from them'],
  recovering: ['线路恢复中，声音不受影响', 'The line is coming back; sound goes on'],
  measuring: ['测量中', 'measuring'],
  detail: [
    '听到 {{mosIn}}　对方听到 {{mosOut}}　丢包 {{loss}}%　抖动 {{jitter}} 毫秒　往返 {{trip}} 毫秒',
    'MOS in {{mosIn}}, out {{mosOut}}; loss {{loss}} %, jitter {{jitter}} ms, round trip {{trip}} ms',
  ],
})

const shown = (value: number | null, digits: number) => (value === null ? '–' : value.toFixed(digits))

export function QualityLine({ quality, recovering }: { quality: CallQuality | null; recovering: boolean }) {
  const say = useText()
  return (
    <section className={`quality ${quality?.verdict ?? ''}`} aria-label={say('region')}>
      {quality === null ? (
        <span className="quiet">
          {say('region')} {say('measuring')}
        </span>
      ) : (
        <Popover
          content={say('detail', {
            mosIn: shown(quality.mosIn, 1),
            mosOut: shown(quality.mosOut, 1),
            loss: shown(quality.lossIn * 100, 1),
            jitter: shown(quality.jitterMs, 0),
            trip: shown(quality.roundTripMs, 0),
          })}
        >
          <span tabIndex={-1}>
            {say('region')} <b>{say(`verdict.${quality.verdict}`)}</b> {quality.mosIn.toFixed(1)}
          </span>
        </Popover>
      )}
      {recovering ? (
        <p role="status">{say('recovering')}</p>
      ) : quality?.fault == null ? null : (
        <p role="status">{say(`fault.${quality.fault}`)}</p>
      )}
    </section>
  )
}
