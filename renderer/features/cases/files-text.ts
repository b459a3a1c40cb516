import { defineText } from '../../ui/text.ts'

export const useFilesText = defineText('case-files', {
  region: ['附件', 'Attachments'],
  none: ['没有附件', 'No attachments'],
  add: ['添加附件', 'Add a file'],
  addHint: [
    '也可以把文件拖到这里，或粘贴图片；每个不超过 200 MB',
    'Or drop files here, or paste a picture; 200 MB each at most',
  ],
  adding: ['正在保存 {{percent}}%', 'Saving {{percent}}%'],
  'state.waiting': ['等待上传', 'waiting to upload'],
  'state.local': ['已保存在本机', 'kept on this machine'],
  'state.uploading': ['上传中 {{percent}}%', 'uploading {{percent}}%'],
  'state.uploaded': ['已在中心', 'at the centre'],
  'state.central': ['来自中心', 'from the centre'],
  'state.failed': ['失败', 'failed'],
  addedBy: ['{{name}} 添加', 'added by {{name}}'],
  retry: ['重试', 'Retry'],
  retryNamed: ['重试 {{name}}', 'Retry {{name}}'],
  giveUp: ['放弃', 'Give up'],
})
