/** The words of callbacks, and how the reasons of their order read. */
import type { CallbackRow } from '../../../shared/contract/seat-callbacks.ts'
import { defineText } from '../../ui/text.ts'
import { age, shortTime } from '../../ui/time.ts'

export const useCallbackText = defineText('callbacks', {
  region: ['回拨列表', 'Callbacks'],
  hand: ['回拨任务', 'Callback in hand'],
  claim: ['领取', 'Claim'],
  claimNext: ['领取下一个', 'Claim the next'],
  dial: ['回拨', 'Call back'],
  reschedule: ['改约', 'Reschedule'],
  decline: ['放弃领取', 'Give back'],
  renew: ['延长', 'Extend'],
  open: ['待办', 'Open'],
  closed: ['已关闭', 'Closed'],
  show: ['显示', 'Show'],
  loading: ['正在读取回拨列表', 'Reading the callbacks'],
  failed: ['读取没有成功：{{why}}', 'Reading failed: {{why}}'],
  retry: ['重试', 'Retry'],
  none: ['没有待回拨的来电', 'Nobody is waiting to be called back'],
  noneHint: [
    '漏接的来电会列在这里；同一号码只有一个任务。',
    'Missed calls are listed here, one task for each number.',
  ],
  noneClosed: ['最近没有关闭的任务', 'No task was closed lately'],
  noCentre: [
    '回拨任务由中心分派，本坐席没有接入中心。',
    'Callbacks are given out by a centre; this seat has none.',
  ],
  offline: [
    '连不上中心，现在不能领取。下面是{{when}}的列表。',
    'The centre cannot be reached and nothing can be claimed. The list is as of {{when}}.',
  ],
  offlineNever: ['连不上中心，还没有收到过列表。', 'The centre cannot be reached; no list has come yet.'],
  'when.now': ['刚才', 'just now'],
  'when.minutes': ['{{count}} 分钟前', '{{count}} minutes ago'],
  'when.hours': ['{{count}} 小时前', '{{count}} hours ago'],
  'when.days': ['{{count}} 天前', '{{count}} days ago'],
  coreAway: ['本机服务正在恢复', "The seat's engine is coming back"],
  sample: ['示例政策，尚未由本市发布', 'An example policy; the city has published none'],
  'count.open': ['待办 {{n}}', '{{n}} open'],
  'count.ready': ['可拨 {{n}}', '{{n}} ready'],
  'count.overdue': ['到期未拨 {{n}}', '{{n}} overdue'],
  'count.uncertain': ['待确认 {{n}}', '{{n}} uncertain'],
  'count.withheld': ['匿名来电 {{n}} 次', '{{n}} withheld calls'],
  'count.notDialable': ['不能回拨 {{n}}', '{{n}} not dialable'],
  due: ['应回拨', 'Due'],
  number: ['号码', 'Number'],
  calls: ['漏接', 'Missed'],
  lastTry: ['上次拨打', 'Last try'],
  state: ['状态', 'State'],
  why: ['为何排在这里', 'Why it is here'],
  closedAt: ['关闭', 'Closed'],
  closedWhy: ['关闭原因', 'Why'],
  times: ['{{n}} 次', '{{n}}×'],
  'due.late': ['已过 {{span}}', '{{span}} late'],
  'due.in': ['还有 {{span}}', 'in {{span}}'],
  'span.minutes': ['{{n}} 分', '{{n}} min'],
  'span.hours': ['{{h}} 时 {{m}} 分', '{{h}} h {{m}} min'],
  'span.days': ['{{n}} 天', '{{n}} days'],
  'span.seconds': ['不到 1 分', 'under 1 min'],
  'state.open': ['待领取', 'Open'],
  'state.waits': ['未到时间', 'Waits'],
  'state.others': ['先给他人', 'Others first'],
  'state.claimed': ['已领取', 'Claimed'],
  'state.dialling': ['拨打中', 'Dialling'],
  'state.uncertain': ['待确认', 'Uncertain'],
  'state.closed': ['已关闭', 'Closed'],
  'state.not-dialable': ['不能回拨', 'Not dialable'],
  assigned: ['指派给 {{name}}', 'assigned to {{name}}'],
  'outcome.reached': ['已接通', 'Reached'],
  'outcome.nothing-wanted': ['无诉求', 'Nothing wanted'],
  'outcome.case-filed': ['转工单', 'Case filed'],
  'outcome.no-answer': ['无人接听', 'No answer'],
  'outcome.busy': ['占线', 'Busy'],
  'outcome.invalid': ['空号', 'Invalid number'],
  'outcome.refused': ['拒接', 'Refused'],
  'outcome.failed': ['线路原因未拨通', 'Line failed'],
  'outcome.unknown': ['结果不明', 'Not known'],
  'closed.reached': ['回拨接通', 'Reached'],
  'closed.answered': ['已另行接通', 'Spoken with otherwise'],
  'closed.attempts-used': ['次数用完', 'Attempts used up'],
  'closed.invalid-number': ['空号', 'Invalid number'],
  'closed.refused': ['拒接', 'Refused'],
  'closed.expired': ['过期', 'Expired'],
  'closed.removed': ['班长移除', 'Removed'],
  'reason.age': ['已等 {{span}}', 'waited {{span}}'],
  'reason.repeats': ['来电 {{n}} 次', 'called {{n}} times'],
  'reason.urgent-word': ['提到“{{word}}”', 'said “{{word}}”'],
  'reason.enterprise': ['企业来电', 'enterprise'],
  'reason.dialect': ['方言', 'dialect'],
  'reason.overdue': ['已到期', 'overdue'],
  'reason.preferred': ['约定的时间已到', 'the agreed time has come'],
  'reason.waits.spacing': ['上次未接通，{{at}} 后再拨', 'not reached; again after {{at}}'],
  'reason.waits.preferred': ['约在 {{at}}', 'agreed for {{at}}'],
  'reason.waits.quiet': ['免打扰时段，{{at}} 后再拨', 'quiet hours until {{at}}'],
  'reason.held': ['已有人处理', 'somebody has it'],
  'reason.not-dialable': ['没有可拨的号码', 'no number to dial'],
  'reason.points': ['{{what}}（+{{points}}）', '{{what}} (+{{points}})'],
  'reason.others': ['{{at}} 前先给其他坐席', 'others first until {{at}}'],
  more: ['显示更多', 'Show more'],
  shownOf: ['显示 {{shown}} / {{total}}', '{{shown}} of {{total}}'],
  handNone: ['手上没有回拨任务', 'No callback in hand'],
  handHint: [
    '领取后在这里查看来电人的以往记录，再拨打。',
    "Claim one: the caller's history appears here before you dial.",
  ],
  claimedFor: ['领取剩余 {{time}}', '{{time}} left'],
  ringing: ['正在拨打', 'Dialling'],
  dialUnknown: ['是否已拨出不明，请选择结果', 'Nobody knows whether it was dialled; choose the outcome'],
  ended: ['没有接通，请确认结果', 'Not reached; confirm the outcome'],
  talking: ['通话中，任务已关闭', 'Talking; the task is closed'],
  reachedDone: ['已接通，任务已关闭。请选择结果', 'Reached; the task is closed. What came of it?'],
  talkingOffline: ['通话中', 'Talking'],
  reachedOffline: ['已接通，请选择结果', 'Reached. What came of it?'],
  lapsed: ['领取已失效：{{why}}', 'The claim has ended: {{why}}'],
  lapsedTime: ['领取的时间已到', 'its time is over'],
  lapsedOther: ['任务已由他人处理', 'somebody else has the task'],
  lapsedClosed: ['任务已关闭（{{why}}）', 'the task was closed ({{why}})'],
  putAway: ['知道了', 'OK'],
  toCase: ['填写工单', 'To the case'],
  undo: ['撤销关闭', 'Reopen'],
  undoReason: ['为什么撤销', 'Why reopen it'],
  extension: ['分机 {{extension}}', 'ext. {{extension}}'],
  note: ['留言', 'Note'],
  passedNone: ['现在没有可以领取的任务', 'There is nothing to claim now'],
  passedHeld: ['{{name}} 已领取：{{sentence}}', '{{name}} has it: {{sentence}}'],
  notDone: ['没有完成：{{why}}', 'Not done: {{why}}'],
  kept: ['连不上中心，结果已存在本机，恢复后自动上报', 'Kept here; told when the centre is back'],
  notRegistered: ['电话尚未登录，不能拨打', 'The phone is not registered'],
  otherCall: ['请先结束当前通话', 'End the present call first'],
  when: ['改约到', 'Call back at'],
  'in.30': ['30 分钟后', 'In 30 minutes'],
  'in.60': ['1 小时后', 'In 1 hour'],
  'in.120': ['2 小时后', 'In 2 hours'],
  'in.tomorrow': ['明天上午 9 点', 'Tomorrow at 9'],
  wish: ['来电人的要求', 'What the caller asks'],
  confirm: ['确定', 'OK'],
  cancel: ['取消', 'Cancel'],
  badTime: ['时间必须在以后，且不超过 {{days}} 天', 'In the future, within {{days}} days'],
  reason: ['原因', 'Reason'],
  takeOver: ['接管', 'Take over'],
  assign: ['指派', 'Assign'],
  assignTo: ['指派给', 'Assign to'],
  release: ['放行', 'Release'],
  remove: ['移除', 'Remove'],
  history: ['经过', 'History'],
  figures: ['团队今日', 'The team today'],
  'figure.open': ['待办', 'Open'],
  'figure.overdue': ['逾期', 'Overdue'],
  'figure.reached': ['接通', 'Reached'],
  'figure.first': ['首次即接通', 'At the first try'],
  'figure.wait': ['等待中位', 'Median wait'],
  'entry.opened': ['列入', 'Opened'],
  'entry.missed': ['再次漏接', 'Missed again'],
  'entry.claimed': ['领取', 'Claimed'],
  'entry.renewed': ['延长领取', 'Extended'],
  'entry.dialling': ['拨打', 'Dialling'],
  'entry.outcome': ['拨打结果', 'Outcome'],
  'entry.concluded': ['通话结果', 'Conclusion'],
  'entry.declined': ['放弃领取', 'Given back'],
  'entry.rescheduled': ['改约', 'Rescheduled'],
  'entry.answered': ['已另行接通', 'Spoken with otherwise'],
  'entry.partly-answered': ['部分来电已另行接通', 'Spoken with in part'],
  'entry.lease-ended': ['领取到期', 'Claim ended'],
  'entry.uncertain': ['拨打后失去联系', 'Lost while dialling'],
  'entry.hold-ended': ['保留到期', 'Hold ended'],
  'entry.expired': ['过期', 'Expired'],
  'entry.undone': ['撤销关闭', 'Reopened'],
  'entry.taken-over': ['班长接管', 'Taken over'],
  'entry.assigned': ['指派', 'Assigned'],
  'entry.released': ['放行', 'Released'],
  'entry.removed': ['移除', 'Removed'],
  'entry.late-result': ['迟到的结果', 'Late result'],
  'entry.offline-attempt': ['离线回拨', 'Offline attempt'],
  byItself: ['自动', 'by itself'],
})
export type CallbackSay = ReturnType<typeof useCallbackText>

/** `12 分`, `2 时 5 分`, `3 天`. */
export function saySpan(say: CallbackSay, ms: number): string {
  const minutes = Math.floor(Math.abs(ms) / 60_000)
  if (minutes < 1) return say('span.seconds')
  if (minutes < 60) return say('span.minutes', { n: minutes })
  if (minutes < 48 * 60) return say('span.hours', { h: Math.floor(minutes / 60), m: minutes % 60 })
  return say('span.days', { n: Math.floor(minutes / (24 * 60)) })
}

export const sayDue = (say: CallbackSay, dueAt: string, now: number): string => {
  const left = Date.parse(dueAt) - now
  return say(left < 0 ? 'due.late' : 'due.in', { span: saySpan(say, left) })
}

export const sayAgo = (say: CallbackSay, iso: string, now: number): string => {
  const { unit, count } = age(now - Date.parse(iso))
  return say(`when.${unit}`, { count })
}

type Reason = CallbackRow['reasons'][number]

function reasonWords(say: CallbackSay, reason: Reason, now: number): string {
  switch (reason.kind) {
    case 'age':
      return say('reason.age', { span: saySpan(say, reason.minutes * 60_000) })
    case 'repeats':
      return say('reason.repeats', { n: reason.calls })
    case 'urgent-word':
      return say('reason.urgent-word', { word: reason.word })
    case 'enterprise':
    case 'dialect':
    case 'overdue':
    case 'preferred':
      return say(`reason.${reason.kind}`)
    case 'waits':
      return say(`reason.waits.${reason.because}`, {
        at: shortTime(new Date(reason.until).toISOString(), now),
      })
    case 'held':
      return say('reason.held')
    case 'not-dialable':
      return say('reason.not-dialable')
  }
}

/** 为何排在这里: what keeps it from being dialled first, then what counts most. */
export function whyHere(
  say: CallbackSay,
  row: Pick<CallbackRow, 'reasons' | 'othersFirstUntil'>,
  now: number,
): string {
  const others =
    row.othersFirstUntil === null ? [] : [say('reason.others', { at: shortTime(row.othersFirstUntil, now) })]
  const points = (reason: Reason) => ('points' in reason ? Math.round(reason.points) : null)
  const sorted = [...row.reasons].sort(
    (a, b) => (points(b) ?? Number.POSITIVE_INFINITY) - (points(a) ?? Number.POSITIVE_INFINITY),
  )
  const said = sorted.map(reason => {
    const what = reasonWords(say, reason, now)
    const worth = points(reason)
    return worth === null ? what : say('reason.points', { what, points: worth })
  })
  return [...others, ...said].join(' · ')
}

/** The state as one word, which says too why it cannot be claimed. */
export function stateOf(row: CallbackRow) {
  if (!row.dialable && row.state === 'open') return 'not-dialable' as const
  if (row.state !== 'open') return row.state
  if (row.othersFirstUntil !== null) return 'others' as const
  return row.ready ? ('open' as const) : ('waits' as const)
}
