import { defineText } from '../../ui/text.ts'

export const useCaseFormText = defineText('case-form', {
  region: ['工单', 'Case'],
  newCase: ['新建工单', 'New case'],
  submit: ['提交工单', 'Submit case'],
  discard: ['放弃', 'Discard'],
  discardAsk: ['放弃这份草稿？', 'Discard this draft?'],
  discardSure: ['内容将被删除，并记入审计。', 'Its text is deleted; this is audited.'],
  keep: ['保留', 'Keep'],
  empty: ['没有打开的工单', 'No case is open'],
  emptyHint: [
    '来电接听后自动建立，也可以按 Alt+N 新建。',
    'One opens with each call; Alt+N makes one by hand.',
  ],
  saved: ['已保存到本机', 'Saved on this machine'],
  saving: ['保存中', 'Saving'],
  waiting: ['暂存于页面，等待本机服务', 'Kept in the page, waiting for the core'],
  refused: ['未能保存：{{why}}', 'Not saved: {{why}}'],
  callOn: ['通话中', 'On call'],
  callOver: ['通话已结束，未提交', 'Call ended, not submitted'],
  byHand: ['手工新建', 'By hand'],
  callRinging: ['振铃中', 'Ringing'],
  missing: ['还缺少：{{fields}}', 'Still missing: {{fields}}'],
  filed: ['工单已提交，编号', 'Submitted, case number'],
  filedHint: ['可以告知来电人', 'tell the caller'],
  filedMerged: [
    '已并入 {{number}}，不另派单；这位来电人仍单独得到回复',
    'Merged into {{number}} and not dispatched; this caller is still answered',
  ],
  filedLinked: ['已关联 {{number}}', 'Linked with {{number}}'],
  close: ['关闭', 'Close'],
  drafts: ['草稿', 'Drafts'],
})
