/** 通话质量: one quiet line; in plain words when it is bad, and on which side. */
import { Popover } from 'antd'
import { Fragment, memo } from 'react'
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
  mosIn: ['您听到的评分', 'MOS here'],
  mosOut: ['对方听到的评分', 'MOS there'],
  lossIn: ['收到时丢包', 'Loss towards you'],
  jitter: ['抖动', 'Jitter'],
  roundTrip: ['往返时延', 'Round trip'],
  ms: ['{{value}} 毫秒', '{{value}} ms'],
})

const shown = (value: number | null, digits: number) => (value === null ? '–' : value.toFixed(digits))

export const QualityLine = memo(function Quality(props: {
  quality: CallQuality | null
  recovering: boolean
}) {
  const { quality, recovering } = props
  const say = useText()
  return (
    <section className={`quality ${quality?.verdict ?? ''}`} aria-label={say('region')}>
      {quality === null ? (
        <span className="quiet">
          {say('region')} {say('measuring')}
        </span>
      ) : (
        <Popover
          placement="rightTop"
          content={
            <dl className="quality-detail">
              {(
                [
                  ['mosIn', shown(quality.mosIn, 1)],
                  ['mosOut', shown(quality.mosOut, 1)],
                  ['lossIn', `${shown(quality.lossIn * 100, 1)}%`],
                  ['jitter', say('ms', { value: shown(quality.jitterMs, 0) })],
                  ['roundTrip', say('ms', { value: shown(quality.roundTripMs, 0) })],
                ] as const
              ).map(([name, value]) => (
                <Fragment key={name}>
                  <dt>{say(name)}</dt>
                  <dd>{value}</dd>
                </Fragment>
              ))}
            </dl>
          }
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
})
