/** The truth about the four connections, in one line: what is up, and what still works when one is down. */
import { Popover } from 'antd'
import { useConnection, useSyncStatus } from '../../bridge/bridge-context.tsx'
import { usePhonePart } from '../../phone/phone-context.tsx'
import { defineText } from '../../ui/text.ts'
import { centreWords, type Truth, truths } from './truths.ts'

const useText = defineText('connection', {
  region: ['连接状态', 'Connections'],
  exchange: ['话务台', 'Exchange'],
  microphone: ['麦克风', 'Microphone'],
  core: ['本机服务', 'Core'],
  centre: ['中心', 'Centre'],
  'exchange.registered': ['已注册', 'registered'],
  'exchange.connecting': ['连接中', 'connecting'],
  'exchange.registering': ['登录中', 'signing in'],
  'exchange.refused': ['被拒绝', 'refused'],
  'exchange.offline': ['已断开', 'offline'],
  'exchange.unconfigured': ['未配置', 'not configured'],
  'microphone.ready': ['可用', 'ready'],
  'microphone.unknown': ['检测中', 'checking'],
  'microphone.denied': ['未授权', 'not allowed'],
  'microphone.missing': ['未找到', 'not found'],
  'microphone.failed': ['不可用', 'not usable'],
  'core.connected': ['正常', 'up'],
  'core.connecting': ['连接中', 'connecting'],
  'core.lost': ['恢复中', 'coming back'],
  'centre.none': ['未配置 · 待上传 {{waiting}}', 'none · {{waiting}} waiting'],
  'centre.connecting': ['连接中', 'connecting'],
  'centre.refused': ['未接受本坐席', 'seat not accepted'],
  'centre.offline': ['离线（仍可工作）', 'offline (work goes on)'],
  'centre.alarm': ['告警', 'alarm'],
  'centre.lagging': [
    '在线，但中心的更新延迟 {{seconds}} 秒以上',
    'online, but the changes of others come over {{seconds}} s late',
  ],
  'centre.synced': ['已同步', 'in step'],
  waiting: ['{{waiting}} 条待上传', '{{waiting}} to upload'],
  parked: ['{{parked}} 条搁置', '{{parked}} parked'],
  'exchange.registered.then': ['可以接听和拨打。', 'Calls can be taken and made.'],
  'exchange.connecting.then': ['正在连接话务台。', 'Connecting to the exchange.'],
  'exchange.registering.then': ['正在登录分机。', 'Signing the extension in.'],
  'exchange.refused.then': [
    '不能接打电话；工单仍可填写和提交。',
    'No calls; cases can still be written and submitted.',
  ],
  'exchange.offline.then': [
    '正在自动重连，进行中的通话声音不受影响；工单仍可填写和提交。',
    'Reconnecting by itself; sound of a call goes on; cases can still be written.',
  ],
  'exchange.unconfigured.then': [
    '请在设置中填写话务台地址和分机。',
    'Give the exchange and extension in the settings.',
  ],
  'microphone.ready.then': ['麦克风正常。', 'The microphone works.'],
  'microphone.unknown.then': ['正在检测麦克风。', 'Looking for the microphone.'],
  'microphone.denied.then': [
    '不能接打电话：请允许使用麦克风后重新打开页面。',
    'No calls: allow the microphone, then reload.',
  ],
  'microphone.missing.then': [
    '不能接打电话：请插好耳麦，插好后会自动识别。',
    'No calls: plug the headset in; it is found by itself.',
  ],
  'microphone.failed.then': [
    '不能接打电话：麦克风可能被其他程序占用。',
    'No calls: another program may hold the microphone.',
  ],
  'core.connected.then': ['每一次修改都在本机数据库中。', 'Every change is in the local database.'],
  'core.connecting.then': ['正在连接本机服务。', 'Connecting to the core.'],
  'core.lost.then': [
    '通话不受影响，输入的内容暂存于页面，恢复后自动保存。',
    'Calls go on; text is kept in the page and saved when it is back.',
  ],
  'centre.none.then': [
    '工单保存在本机，尚无中心平台。',
    'Cases are kept on this machine; there is no centre.',
  ],
  'centre.connecting.then': [
    '正在连接中心，工单照常保存在本机。',
    'Connecting; cases are kept on this machine.',
  ],
  'centre.refused.then': [
    '工单保存在本机，尚不能上传。按此查看原因。',
    'Cases are kept on this machine and cannot be uploaded yet. Press to see why.',
  ],
  'centre.offline.then': [
    '工单照常填写和提交，保存在本机，线路恢复后自动上传。',
    'Cases are written and submitted as ever, kept here, and uploaded when the line is back.',
  ],
  'centre.alarm.then': [
    '线路正常，但有内容等待过久。按此查看。',
    'The line is up, and yet something has waited for too long. Press to see it.',
  ],
  'centre.parked.then': [
    '有内容没有被中心接受，需要处理。按此查看。',
    'Something was not accepted and wants a decision. Press to see it.',
  ],
  'centre.lagging.then': [
    '暂时看不到其他坐席和承办单位的新改动；本坐席的内容照常上传。',
    'What other seats and units have changed is not seen yet; what is written here is uploaded as ever.',
  ],
  'centre.waiting.then': ['正在上传。按此查看每一项。', 'Uploading. Press to see each item.'],
  'centre.synced.then': ['本机的内容都已到达中心。', 'Everything of this seat is at the centre.'],
})

/** `onCentre`: the operator wants to see what has not reached the centre. */
export function ConnectionBar({ onCentre }: { onCentre(): void }) {
  const say = useText()
  const connection = useConnection()
  const sync = useSyncStatus()
  const line = usePhonePart(snapshot => snapshot.line)
  const microphone = usePhonePart(snapshot => snapshot.microphone)
  const shown = truths({
    line: line.state,
    microphone,
    core: connection,
    centre: sync,
  })
  const sayTruth = (truth: Truth) =>
    truth.what === 'centre'
      ? centreWords(truth)
          .map(word => say(word, { waiting: truth.waiting, parked: truth.parked, seconds: truth.lagSeconds }))
          .join(' · ')
      : say(`${truth.what}.${truth.state}` as Parameters<typeof say>[0])
  const problemOf = ({ what }: Truth) =>
    what === 'exchange' ? line.problem : what === 'centre' ? (sync?.problem ?? null) : null
  const sayThen = (truth: Truth) => say(`${truth.what}.${truth.state}.then` as Parameters<typeof say>[0])
  return (
    <section className="connections" aria-label={say('region')}>
      <ul aria-live="polite">
        {shown.map(truth => (
          <li key={truth.what}>
            <Popover
              trigger={['hover', 'focus']}
              content={
                <p className="connection-then">
                  {problemOf(truth) === null ? null : (
                    <strong>{problemOf(truth)?.replace(/。$/, '')}。</strong>
                  )}
                  {sayThen(truth)}
                </p>
              }
            >
              <button
                type="button"
                className={`connection ${truth.health} ${truth.what === 'centre' ? 'leads-on' : ''}`}
                onClick={truth.what === 'centre' ? onCentre : undefined}
              >
                <span className="connection-mark" aria-hidden="true" />
                {say(truth.what)} <b>{sayTruth(truth)}</b>
              </button>
            </Popover>
          </li>
        ))}
      </ul>
    </section>
  )
}
