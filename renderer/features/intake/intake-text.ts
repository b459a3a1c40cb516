import { defineText } from '../../ui/text.ts'

export const useIntakeText = defineText('intake', {
  region: ['互联网受理', 'Internet channels'],
  none: ['没有待受理的互联网诉求', 'Nothing waits'],
  failed: ['读取没有成功：{{why}}', 'Reading failed: {{why}}'],
  retry: ['重试', 'Retry'],
  number: ['受理号', 'Number'],
  channel: ['渠道', 'Channel'],
  title: ['内容', 'Matter'],
  place: ['地点', 'Place'],
  phone: ['电话', 'Phone'],
  when: ['收到', 'Received'],
  files: ['诉求附件', 'Attachments of the request'],
  filesHint: ['提交工单后随工单保存', 'kept with the case once it is filed'],
  fileCount: ['附件 {{count}}', 'Files: {{count}}'],
  heldBy: ['{{name}} 正在受理', 'Held by {{name}}'],
  take: ['受理', 'Accept'],
  drop: ['不予受理', 'Drop'],
  dropTitle: ['不予受理 · {{number}}', 'Drop · {{number}}'],
  reason: ['原因', 'Reason'],
  confirm: ['确定', 'OK'],
  cancel: ['取消', 'Cancel'],
})
