import { defineText } from '../../ui/text.ts'
import { age } from '../../ui/time.ts'

export const useSyncText = defineText('sync-status', {
  region: ['同步', 'Sync'],
  reading: ['正在读取…', 'Reading…'],
  coreAway: [
    '本机服务正在恢复，以下是此前的情况',
    'The core is coming back; what follows is how it was before',
  ],
  leadTakesOut: [
    '导出、导入未同步的内容由班长或管理员操作。',
    'A lead or an administrator exports and imports what is unsent.',
  ],
  lookupAlarm: [
    '本坐席有人在短时间内连续查询了许多来电人或工单，请核实',
    'Somebody at this seat looked up many callers or cases in a short time',
  ],
  othersDrafts: [
    '本坐席还有他人未提交的草稿 {{count}} 份，由本人登录后处理',
    'Others have {{count}} unfinished forms at this seat; they see them when they sign in',
  ],
  // the line to the centre
  'centre.none': ['未配置', 'Not configured'],
  'centre.connecting': ['连接中', 'Connecting'],
  'centre.online': ['在线', 'Online'],
  'centre.offline': ['离线', 'Offline'],
  'centre.refused': ['未接受本坐席', 'Seat not accepted'],
  'centre.none.then': [
    '工单保存在本机。在设置中填写中心平台地址后即可上传。',
    'Cases are kept on this machine. They can be uploaded once the settings name a centre.',
  ],
  'centre.connecting.then': ['正在连接中心。', 'Connecting to the centre.'],
  'centre.online.then': ['内容随时上传，随时取回。', 'Things are uploaded and fetched as they come.'],
  'centre.offline.then': [
    '工单照常填写和提交，保存在本机；线路恢复后自动上传，不会丢失。',
    'Cases are written and submitted as ever and kept here; they are uploaded when the line is back. Nothing is lost.',
  ],
  'centre.refused.then': [
    '工单保存在本机。请用管理员给出的登记码登记本坐席。',
    "Cases are kept on this machine. Enrol this seat with the administrator's code.",
  ],
  status: ['中心', 'Centre'],
  lastContact: ['最近联系', 'Last contact'],
  never: ['还没有联系过', 'None yet'],
  waiting: ['待上传', 'To upload'],
  parked: ['搁置', 'Parked'],
  items: ['{{count}} 项', '{{count}}'],
  files: ['附件', 'Attachments'],
  fileCount: ['{{count}} 个未到中心', '{{count}} not at the centre'],
  oldest: ['最早一项', 'The oldest'],
  speed: ['上传速度', 'Speed'],
  perSecond: ['每秒 {{count}} 项', '{{count}} a second'],
  numbers: ['剩余工单编号', 'Case numbers left'],
  noNumbers: ['没有编号段', 'No block of numbers'],
  numbersOut: [
    '已用完：新工单使用本机编号，待中心恢复后补充',
    'Used up: new cases have numbers of this seat',
  ],
  numbersLow: ['{{count}}，将尽', '{{count}}, nearly used up'],
  // Without an age: what is announced is not announced anew every minute.
  alarm: [
    '告警：线路正常，但有内容等待过久，仍未到达中心。请告知班长或管理员。',
    'Alarm: the line is up, and still something has waited for too long. Tell the team lead or administrator.',
  ],
  clockFast: [
    '本机时钟比中心快 {{by}}，请校准。工单不受影响，以中心的顺序为准。',
    "This machine's clock is {{by}} fast; please set it. Cases are not affected: the centre's order counts.",
  ],
  clockSlow: [
    '本机时钟比中心慢 {{by}}，请校准。工单不受影响，以中心的顺序为准。',
    "This machine's clock is {{by}} slow; please set it. Cases are not affected: the centre's order counts.",
  ],
  lagging: [
    '中心的更新有延迟：暂时看不到其他坐席和承办单位的新改动，本坐席的内容照常上传。',
    "The centre's feed is behind: what others have changed is not seen yet. What is written here is uploaded as ever.",
  ],
  feedLag: ['中心更新延迟', 'Feed behind by'],
  seconds: ['{{count}} 秒', '{{count}} s'],
  catchUp: [
    '正在追赶：已取回 {{done}} 条，剩余约 {{remaining}} 条',
    'Catching up: {{done}} fetched, about {{remaining}} left',
  ],
  // ages and lengths of time
  'ago.now': ['刚刚', 'just now'],
  'ago.minutes': ['{{count}} 分钟前', '{{count}} min ago'],
  'ago.hours': ['{{count}} 小时前', '{{count}} h ago'],
  'ago.days': ['{{count}} 天前', '{{count}} d ago'],
  'long.now': ['不到一分钟', 'less than a minute'],
  'long.minutes': ['{{count}} 分钟', '{{count}} min'],
  'long.hours': ['{{count}} 小时', '{{count}} h'],
  'long.days': ['{{count}} 天', '{{count}} d'],
  // the list
  parkedList: ['已搁置（{{count}}）', 'Parked ({{count}})'],
  parkedHint: [
    '中心没有接受这些内容。它们保存在本机，不会丢失，也不影响其他内容上传。',
    'The centre did not accept these. They are kept here and hold nothing else up.',
  ],
  waitingList: ['待上传（{{count}}）', 'To upload ({{count}})'],
  none: ['没有未同步的内容', 'Nothing is unsent'],
  noneYetHint: [
    '提交的内容会列在这里，直到它们到达中心。',
    'What is submitted is listed here until it has arrived.',
  ],
  noneHint: ['本机的内容都已到达中心。', 'Everything of this seat is at the centre.'],
  failed: ['读取没有成功：{{why}}', 'Reading failed: {{why}}'],
  readAgain: ['重新读取', 'Read again'],
  'state.waiting': ['等待上传', 'waiting'],
  'state.behind-parked': ['排在搁置项之后', 'behind a parked one'],
  'state.parked': ['已搁置', 'parked'],
  handedOver: ['已交班长', 'with the team lead'],
  why: ['原因', 'Why'],
  parkedAt: ['{{at}} 起搁置', 'parked since {{at}}'],
  retry: ['重试', 'Retry'],
  recategorise: ['改分类', 'Change category'],
  recategoriseWhy: [
    '这张工单还没有送到中心。选好新的分类后继续上传，派单与时限按现行目录重新计算。',
    'The case has not reached the centre. It goes on under the new category.',
  ],
  newCategory: ['新的分类', 'New category'],
  handOver: ['交班长', 'To the team lead'],
  decide: ['处理冲突', 'Decide'],
  more: ['显示更多', 'Show more'],
  beyond: [
    '另有 {{count}} 项未列出，前面的上传后会显示',
    '{{count}} more are not listed; they appear as others go',
  ],
  notDone: ['没有完成：{{why}}', 'Not done: {{why}}'],
  // the page's own keys
  now: ['立即同步', 'Sync now'],
  export: ['导出未同步', 'Export unsent'],
  import: ['导入未同步', 'Import unsent'],
  enrol: ['登记本坐席', 'Enrol this seat'],
  // dialogs
  cancel: ['取消', 'Cancel'],
  close: ['关闭', 'Close'],
  passphrase: ['导出口令', 'Passphrase of the export'],
  again: ['再输入一次', 'Once more'],
  rule: [
    '至少 10 个字符且有三种（大写、小写、数字、汉字、符号），或至少 16 个字符；导入时需要，遗失后无法打开文件',
    'At least 10 characters of three kinds (capitals, small letters, figures, Chinese, signs), or 16 of any; without it the file cannot be opened',
  ],
  differ: ['两次输入不一致', 'The two differ'],
  exportWhy: [
    '坐席电脑要更换时，把没有上传的内容导出为加密文件，在另一台坐席上导入。本机的内容保持不变。',
    'For a seat that is to be replaced: what is unsent goes into an encrypted file, to be imported at another seat. Nothing changes here.',
  ],
  exported: ['已导出到 {{file}}', 'Exported to {{file}}'],
  importWhy: [
    '导入另一台坐席导出的内容，由本坐席上传。已有的不会重复。',
    'Takes what another seat exported, to be uploaded by this one. What is here already is not taken twice.',
  ],
  file: ['文件路径', 'Path of the file'],
  imported: ['已导入 {{taken}} 项，{{known}} 项本机已有', '{{taken}} taken, {{known}} were here already'],
  enrolWhy: [
    '登记码由管理员在中心生成，只能使用一次。登记后须用中心的工号重新登录。',
    'The administrator makes the code at the centre. It works once. You are signed out, and sign in again as the centre knows you.',
  ],
  code: ['登记码', 'Enrolment code'],
  enrolled: ['已登记', 'Enrolled'],
  enrolInCall: ['通话中不能登记本坐席，请先结束通话', 'No enrolment during a call; end it first'],
  enrolUnsaved: ['还有内容没有保存到本机，稍后再登记', 'Some text is not stored yet; enrol in a moment'],
  confirm: ['确定', 'OK'],
  // the conflict
  conflict: ['处理冲突', 'Decide a conflict'],
  conflictWhy: [
    '这些内容您和别人都改过。请逐项选择以谁的为准；没有选的一方记入工单的过程，不会丢失。',
    'You and somebody else changed these. Choose whose value stands, field by field; the other one is kept in the history of the case.',
  ],
  was: ['原来', 'Before'],
  mine: ['我的', 'Mine'],
  theirs: ['中心的', "The centre's"],
  empty: ['（空）', '(empty)'],
  byAt: ['{{who}} · {{at}}', '{{who}} · {{at}}'],
  unknownBy: ['修改人未知', 'Not known by whom'],
  allMine: ['全部用我的', 'All mine'],
  allTheirs: ['全部用中心的', "All the centre's"],
  undecided: ['还有 {{count}} 项没有选择', '{{count}} still to decide'],
  givenUp: ['以中心的为准：{{fields}}', 'By the centre: {{fields}}'],
  nothingGivenUp: ['全部以我的为准', 'All of mine stand'],
})
export type SaySync = ReturnType<typeof useSyncText>

/** `3 分钟前` */
export const saySince = (say: SaySync, iso: string, now: number): string => {
  const { unit, count } = age(now - Date.parse(iso))
  return say(`ago.${unit}`, { count })
}

/** `3 分钟` */
export const sayLength = (say: SaySync, ms: number): string => {
  const { unit, count } = age(ms)
  return say(`long.${unit}`, { count })
}
